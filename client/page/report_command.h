#pragma once

#include <string>
#include <vector>

namespace echo {

struct ReportOptions {
  std::vector<std::string> files;  // results of load or merge; "-": standard input
  std::string output;              // the page; "-": standard output
};

// Makes one page of saved results. Returns 1 if a file is not a result (each is named) or the page
// could not be written; then no page is. Throws UsageError, std::runtime_error.
int run_report(const ReportOptions& options);

}  // namespace echo
