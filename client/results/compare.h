#pragma once

#include <string>
#include <vector>

#include "client/results/threshold.h"

namespace echo {

struct CompareOptions {
  std::vector<std::string> base;  // files; "-": standard input
  std::vector<std::string> next;
  bool has_separator = false;  // the -- between the two sides
  std::vector<Threshold> fail;
  bool force = false;
  bool markdown = false;
  std::string json;  // "-": standard output
};

// Puts saved results of load side by side. Returns 3 if a threshold is exceeded beyond noise, 1 if
// a file is no complete result (each is named) or an output could not be written, 2 if the runs had
// unlike settings and are not forced. Throws UsageError.
int run_compare(const CompareOptions& options);

}  // namespace echo
