#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/results/comparison.h"
#include "client/results/percentiles.h"
#include "client/results/result.h"

namespace echo {

// What results of load give to a comparison. Pure, any thread.

// A result and what its user calls it.
struct NamedResult {
  std::string name;
  Result result;
};

// The figure of one run, by its name in --slo or cpu_per_message, in the unit of --slo: infinity
// where it falls among what failed, nothing where it was not measured.
std::optional<double> run_value(const std::string& metric, const Result& result);

// The percentiles, rate, errors and CPU per message, and the metrics of the thresholds that are
// none of these. A metric that a run has not measured is left out; a threshold on it throws
// UsageError, because it could never fail.
std::vector<Measure> measures_of(const std::vector<NamedResult>& base,
                                 const std::vector<NamedResult>& next,
                                 const Percentiles& percentiles,
                                 const std::vector<Threshold>& thresholds);

// What two runs have been told that makes their figures incomparable: "connections 10 and 50". The
// target, the sources and what only shapes the report may differ.
std::vector<std::string> unlike_options(const Result& one, const Result& other);

}  // namespace echo
