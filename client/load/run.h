#pragma once

#include "client/load/load_options.h"

namespace echo::load {

// Loads a server as asked and tells what came of it. Returns the exit status.
// Throws std::runtime_error when it cannot start or cannot write its results.
int run(const LoadOptions& options);

}  // namespace echo::load
