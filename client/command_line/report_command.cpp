#include "client/page/report_command.h"

#include "client/command_line/client_options.h"
#include "client/command_line/commands.h"
#include "common/options/option_kinds.h"

namespace echo {

CommandSpec report_command(ReportOptions& options) {
  OptionSpec output =
      file_option("-o,--output", options.output, "Write the page there; - for standard output");
  output.required = true;
  return {.name = "report",
          .summary = "Make one page of saved results, with charts, which needs no network",
          .options = {files_argument(options.files,
                                     "JSON results of load or merge, the first of them the base; "
                                     "- is standard input"),
                      output},
          .sections = {{.text = "The page is HTML of at most 500 KiB and holds all that it needs. "
                                "It shows partial results too, and of long runs several "
                                "intervals as one."},
                       {.title = "Exit status",
                        .rows = {{"0", "Good"},
                                 {"1", "A file is not a result, or the page cannot be written"},
                                 {"2", "Wrong usage"}}},
                       {.title = "Examples",
                        .rows = {{"echoc load -r 1000 --json a.json :7007", ""},
                                 {"echoc report a.json -o a.html", ""},
                                 {"echoc report base.json new.json -o both.html", ""}}}},
          .usage = "echoc report FILE... -o FILE.html"};
}

}  // namespace echo
