#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/results/objective.h"
#include "client/results/percentiles.h"

namespace echo {

struct MergeOptions {
  std::vector<std::string> files;  // "-": standard input
  Percentiles percentiles = default_percentiles();
  std::vector<Objective> objectives;
  std::uint64_t expect = 0;  // how many results there must be; 0: any number
  std::string json;          // "-": standard output
  std::string hgrm;
  bool no_picture = false;  // no bars of the latencies in the report
};

// Adds up JSON results of load, or the histograms of .hlog files, and reports what one run with all
// their messages would have. Returns the exit status of load. A file that is missing, empty, cut
// short or not a result is named and counts as status 1. Throws UsageError.
int run_merge(const MergeOptions& options);

}  // namespace echo
