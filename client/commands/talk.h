#pragma once

#include <chrono>

#include "common/address.h"

namespace echo {

struct TalkOptions {
  Address address;
  std::chrono::nanoseconds connect_timeout = std::chrono::seconds(5);
  // How long nothing may come after the end of input; 0: the server may take as long as it likes.
  std::chrono::nanoseconds timeout = std::chrono::seconds(5);
};

// Standard input to the server and its bytes to standard output, both at once, compared on the way.
// Returns the exit status and has said on standard error what went wrong.
int run_talk(const TalkOptions& options);

}  // namespace echo
