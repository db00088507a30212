#pragma once

#include "client/results/plan.h"

namespace echo::load {

// `echoc load --find-rate`: searches for the highest rate that meets the objectives and reports it
// with the long run that confirmed it. Returns the exit status.
// Throws std::runtime_error when it cannot start or cannot write its results.
int find_rate(const LoadPlan& plan);

}  // namespace echo::load
