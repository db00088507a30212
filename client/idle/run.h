#pragma once

#include "client/idle/options.h"

namespace echo::idle {

// Which silences a connection survives: one connection per gap, all at once, and a report on
// standard output. SIGINT, SIGTERM, SIGHUP and SIGQUIT end it with what is known. Returns the exit
// status. Throws UsageError, and std::runtime_error if a file cannot be written or descriptors do
// not reach.
int run(const Options& options);

}  // namespace echo::idle
