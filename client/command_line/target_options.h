#pragma once

#include "client/results/plan.h"
#include "common/options/option_spec.h"

namespace echo {

// What load is told of one or several targets.

OptionSpec targets_argument(LoadPlan& plan);
OptionSpec rounds_option(LoadPlan& plan);

// Throws UsageError for options that do not fit the number of targets.
void check_targets(const LoadPlan& plan);

}  // namespace echo
