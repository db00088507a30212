#pragma once

#include <string>
#include <vector>

namespace echo::load {

struct MergeOptions {
  std::vector<std::string> files;
  std::vector<double> percentiles{50, 90, 99, 99.9, 99.99};
  std::string hgrm;
};

// Adds up the histograms of .hlog files and tells what a run with all their messages would have
// told. Returns the exit status. Throws std::runtime_error for a file that can't be read.
int run(const MergeOptions& options);

}  // namespace echo::load
