#pragma once

#include <chrono>
#include <cstdint>

#include "common/address.h"

namespace echo {

struct PingOptions {
  Address address;
  std::chrono::nanoseconds interval = std::chrono::seconds(1);
  std::uint64_t count = 0;  // 0: until a signal comes
  std::uint64_t size = 64;
  std::chrono::nanoseconds timeout = std::chrono::seconds(5);
  std::chrono::nanoseconds connect_timeout = std::chrono::seconds(5);
};

// One verified message an interval over one connection, which is made anew where it was lost; a
// line each and a summary on standard output. SIGINT and SIGTERM end it with the summary.
// Returns the exit status.
int run(const PingOptions& options);

}  // namespace echo
