#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "client/results/comparison.h"
#include "client/results/result.h"

namespace echo {

// Several targets beside each other, each with its rounds. The first one is the base of every
// comparison. Pure, any thread.

// The row of a target: medians of its complete rounds, or of those cut short if it has no other.
// Nothing where a figure was not measured; infinity where it is among what had no answer.
struct TargetFigures {
  std::size_t rounds = 0;    // that were begun
  std::size_t measured = 0;  // of which the figures are
  std::optional<double> rate;
  std::optional<double> p50;  // microseconds, as the next three
  std::optional<double> p99;
  std::optional<double> max;
  std::optional<double> cpu_per_message;
};
TargetFigures figures_of(const TargetRuns& target);

// The complete rounds of both; nothing if either has none. A figure that one of the rounds did not
// measure is left out.
std::optional<Comparison> compare_targets(const TargetRuns& base, const TargetRuns& next);

}  // namespace echo
