#pragma once

#include "client/results/plan.h"

namespace echo::load {

// Loads several servers in turn, in rounds, and reports how they compare. A target that cannot be
// reached in a round is named and costs only its own run. Returns the most serious exit status of
// all runs. Throws std::runtime_error when the first run cannot start or an output cannot be
// opened. REQUIRES: plan.has_several_targets().
int run_targets(const LoadPlan& plan);

}  // namespace echo::load
