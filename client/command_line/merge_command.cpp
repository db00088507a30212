#include "client/command_line/client_options.h"
#include "client/command_line/commands.h"
#include "common/options/option_kinds.h"

namespace echo {

CommandSpec merge_command(MergeOptions& options) {
  OptionSpec expect =
      count_option("--expect", options.expect, "Fail unless there are N results", {.lowest = 1});
  expect.initial.clear();
  return {.name = "merge",
          .summary = "Merge load results exactly, and report them as one",
          .options = {files_argument(options.files,
                                     "JSON results of load, or .hlog files, which hold times "
                                     "only; - is standard input"),
                      percentiles_option(options.percentiles),
                      objectives_option(options.objectives), expect, json_option(options.json),
                      hgrm_option(options.hgrm), no_picture_option(options.no_picture)},
          .sections = {{.title = "Exit status",
                        .rows = {{"0", "Every result is good"},
                                 {"1", "Messages or connections failed, or a result is missing"},
                                 {"2", "Wrong usage"},
                                 {"3", "An objective was missed"},
                                 {"4", "Bytes came back wrong"}}},
                       {.title = "Examples",
                        .rows = {{"echoc load -r 1000 --json a.json :7007", ""},
                                 {"echoc merge --expect 2 a.json b.json", ""}}}}};
}

}  // namespace echo
