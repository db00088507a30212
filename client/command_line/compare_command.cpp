#include <string>
#include <string_view>

#include "client/command_line/client_options.h"
#include "client/command_line/commands.h"
#include "common/options/option_kinds.h"
#include "common/usage_error.h"

namespace echo {
namespace {

// What stands for the -- between the two sides: no word of a command line has such a character.
constexpr std::string_view kSeparator("\0", 1);

OptionSpec sides_argument(CompareOptions& options) {
  OptionSpec option = files_argument(options.base,
                                     "JSON results of load, before -- the base and behind it the "
                                     "new ones; - for standard input");
  option.parse = [&options, base = option.parse,
                  next = files_argument(options.next, "").parse](const std::string& text) {
    if (text == kSeparator) {
      options.has_separator = true;
    } else {
      (options.has_separator ? next : base)(text);
    }
  };
  option.clear = [&options] {
    options.base.clear();
    options.next.clear();
    options.has_separator = false;
  };
  return option;
}

OptionSpec fail_option(std::vector<Threshold>& thresholds) {
  OptionSpec option = option_of(
      "--fail", "EXPR",
      "Exit status 3 if a median changes by more and beyond noise, such as p99>+10%,rate<-5%",
      [&thresholds](const std::string& text) {
        for_each_part(text, [&](auto part) { thresholds.push_back(Threshold::parse(part)); });
      },
      [] { return std::string(); });
  option.clear = [&thresholds] { thresholds.clear(); };
  return option;
}

}  // namespace

CommandSpec compare_command(CompareOptions& options) {
  return {
      .name = "compare",
      .summary = "Put saved results side by side, and differences beside the noise between runs",
      .options = {sides_argument(options), fail_option(options.fail),
                  flag_option("--force", options.force, "Compare runs of unlike settings too"),
                  flag_option("--markdown", options.markdown,
                              "Print a Markdown table, for a pull request"),
                  json_option(options.json)},
      .sections =
          {{.text =
                "The unit is the run, never the message, and the figure of a side is the median of "
                "its runs. A difference is beyond noise if two sides of the same source would "
                "seldom lie this far apart: in at most 5 of 100 comparisons (exact permutation "
                "test of ranks). Fewer than four runs a side cannot show that.\n"
                "The target may differ; settings such as connections, rate and size may not."},
           {.title = "Thresholds",
            .text =
                "METRIC>+N% or METRIC<-N% (also >= <=), several with commas or options: the "
                "metrics of load --slo, and cpu_per_message, the processor time that echoc itself "
                "spent per message"},
           {.title = "Exit status",
            .rows = {{"0", "Good"},
                     {"1", "A file is missing or not a complete result"},
                     {"2", "Wrong usage, or unlike settings without --force"},
                     {"3", "A difference is beyond a threshold and beyond noise"}}},
           {.title = "Examples",
            .rows = {{"echoc compare old*.json -- new*.json", ""},
                     {"echoc compare --fail 'p99>+10%,rate<-5%' old*.json -- new*.json", ""}}}},
      .usage = "echoc compare [OPTION]... BASE... -- NEW..."};
}

void mark_separator(std::vector<std::string>& words) {
  std::size_t separators = 0;
  for (std::string& word : words) {
    if (word != "--") continue;
    word = kSeparator;
    ++separators;
  }
  if (separators > 1) throw UsageError("-- is given twice; it stands once, between BASE and NEW");
}

void check_sides(const CompareOptions& options) {
  const char* const missing = !options.has_separator ? "-- between the two sides is"
                              : options.base.empty() ? "BASE before -- is"
                              : options.next.empty() ? "NEW behind -- is"
                                                     : nullptr;
  if (missing == nullptr) return;
  throw UsageError(std::string(missing) + " missing: echoc compare BASE... -- NEW...");
}

}  // namespace echo
