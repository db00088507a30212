#pragma once

#include <vector>

#include "client/results/plan.h"
#include "common/options/option_spec.h"

namespace echo {

// --find-rate and the options that only make sense beside it.
std::vector<OptionSpec> find_rate_options(FindRatePlan& plan);

// Throws UsageError for options that make no sense together.
void check_find_rate(const LoadPlan& plan);

}  // namespace echo
