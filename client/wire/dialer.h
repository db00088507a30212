#pragma once

#include <chrono>
#include <span>
#include <string>

#include "common/address.h"
#include "common/descriptor.h"

namespace echo {

// A connected, non-blocking stream socket without Nagle's delay, or the reason why there is none.
struct Connection {
  Descriptor socket;
  std::string peer;     // the address that answered
  std::string failure;  // "tried 127.0.0.1:7007 (Connection refused), ..." where none did

  explicit operator bool() const { return static_cast<bool>(socket); }
};

// Tries the endpoints in their order, each for at most `timeout`. Ends early, without a socket,
// when `interrupt` (a descriptor, -1 for none) becomes readable.
Connection connect_to(std::span<const Endpoint> endpoints, std::chrono::nanoseconds timeout,
                      int interrupt = -1);

}  // namespace echo
