#pragma once

#include "client/commands/ping_options.h"

namespace echo {

// One verified message per interval to each address, over one connection, which is made again if it
// was lost; a line per message and a summary of each address on standard output. SIGINT, SIGTERM
// and SIGHUP end it with the summaries; SIGQUIT prints them and goes on. Returns the exit status,
// the most serious of all addresses. Throws std::exception if it cannot begin.
int run_ping(const PingOptions& options);

}  // namespace echo
