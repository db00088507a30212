#pragma once

#include <chrono>

#include "common/address.h"

namespace echo {

struct TalkOptions {
  Address address;
  std::chrono::nanoseconds connect_timeout = std::chrono::seconds(5);
};

// Standard input to the server and its bytes to standard output, both at once. Returns the exit
// status and has said on standard error what went wrong.
int run(const TalkOptions& options);

}  // namespace echo
