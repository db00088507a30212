#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/address.h"
#include "common/random_seed.h"
#include "common/socket_options.h"

namespace echo::idle {

// What `echoc idle` was asked for.
struct Options {
  std::vector<Address> addresses;
  std::vector<std::chrono::nanoseconds> gaps{std::chrono::seconds(30), std::chrono::seconds(60),
                                             std::chrono::minutes(4), std::chrono::seconds(350)};
  bool bisect = false;  // search between `from` and `to` instead of trying `gaps`
  std::chrono::nanoseconds from = std::chrono::seconds(10);
  std::chrono::nanoseconds to = std::chrono::minutes(125);
  std::chrono::nanoseconds precision = std::chrono::seconds(5);
  std::string search_option;              // one of these three that was given; empty: none
  std::chrono::nanoseconds keepalive{0};  // on this side, in whole seconds; 0: off
  std::optional<std::chrono::nanoseconds> require;
  std::chrono::nanoseconds timeout = std::chrono::seconds(5);
  std::chrono::nanoseconds connect_timeout = std::chrono::seconds(5);
  SocketOptions socket;
  std::string json;                    // a file, "-" for standard output; empty: none
  std::uint64_t seed = random_seed();  // of the payload; no other run has it
};

}  // namespace echo::idle
