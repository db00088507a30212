#pragma once

#include "client/results/plan.h"

namespace echo::load {

// Loads a server as asked and tells what came of it. Returns the exit status.
// Throws std::runtime_error when it cannot start or cannot write its results.
int run(const LoadOptions& options);

}  // namespace echo::load
