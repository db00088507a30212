#include "client/page/report_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "client/page/page.h"
#include "client/page/saved_run.h"
#include "client/results/saved_text.h"
#include "common/console.h"
#include "common/error_text.h"
#include "common/exit_code.h"
#include "common/output_file.h"
#include "common/usage_error.h"

namespace echo {
namespace {

void check_paths(const ReportOptions& options) {
  if (std::ranges::count(options.files, "-") > 1) {
    throw UsageError("- is given twice: standard input holds one result");
  }
  const std::string page = output_identity(options.output);
  for (const std::string& file : options.files) {
    if (page.empty() || output_identity(file == "-" ? "/dev/stdin" : file) != page) continue;
    throw UsageError(fmt::format("{} and --output {} are the same file; each needs its own", file,
                                 options.output));
  }
}

// Prints what is wrong with each file that is not a result.
std::vector<SavedRun> read_runs(const std::vector<std::string>& files) {
  std::vector<SavedRun> runs;
  for (const std::string& file : files) {
    const std::string name = file == "-" ? "standard input" : file;
    std::string text;
    try {
      text = read_saved_text(file);
    } catch (const std::runtime_error& error) {
      print_error(fmt::format("echoc: {}", error.what()));
      continue;
    }
    try {
      runs.push_back(parse_saved_run(name, text));
    } catch (const std::runtime_error& error) {
      print_error(fmt::format("echoc: {}: {}", name, error.what()));
    }
  }
  return runs;
}

}  // namespace

int run_report(const ReportOptions& options) {
  check_paths(options);
  OutputFile page(options.output);
  const std::vector<SavedRun> runs = read_runs(options.files);
  if (runs.size() != options.files.size()) return exit_failed;
  page.write(report_page(runs));
  const int error = page.finish();
  if (error == 0) return exit_ok;
  print_error(fmt::format("echoc: cannot write {}: {}",
                          options.output == "-" ? "to standard output" : options.output,
                          error_text(error)));
  return exit_failed;
}

}  // namespace echo
