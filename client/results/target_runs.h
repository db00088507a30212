#pragma once

#include <string>
#include <vector>

#include "client/results/result.h"

namespace echo {

// Sums of runs that took place one after another: counts, times and durations add up, what was
// asked for is that of one run. (Results that are merged ran side by side: see merged_result.h.)
// Pure, any thread. Throw std::overflow_error.

// Of one target. An empty result if there is none.
Result sum_of_runs(const std::vector<Result>& runs);

// Of all targets, which it holds too. Its remarks are the warnings of each target.
Result sum_of_targets(const LoadPlan& plan, std::vector<TargetRuns> targets);

// The runs that were not cut short and measured something.
std::vector<const Result*> complete_runs(const TargetRuns& target);

}  // namespace echo
