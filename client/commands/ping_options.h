#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/address.h"
#include "common/random_seed.h"
#include "common/socket_options.h"

namespace echo {

// What `echoc ping` was asked for.
struct PingOptions {
  std::vector<Address> addresses;  // each once
  std::chrono::nanoseconds interval = std::chrono::seconds(1);
  std::uint64_t count = 0;  // 0: until a signal comes
  std::uint64_t size = 64;
  std::chrono::nanoseconds timeout = std::chrono::seconds(5);
  std::chrono::nanoseconds connect_timeout = std::chrono::seconds(5);
  bool quiet = false;              // of the lines only those of wrong bytes, and the summary
  bool timestamps = false;         // before each line
  std::optional<Address> metrics;  // where to answer scrapes
  SocketOptions socket;
  std::uint64_t seed = random_seed();  // of the payload; no other run has it
};

}  // namespace echo
