#pragma once

#include <chrono>
#include <cstdint>

#include "client/results/histogram.h"

namespace echo::load {

// What one generator measured in one interval, or in several if its reader was too slow to take
// them one by one.
struct GeneratorInterval {
  std::uint64_t first = 0;  // intervals are numbered 0, 1, 2, … since the measuring began
  std::uint64_t last = 0;
  Histogram latency;
  std::uint64_t errors = 0;  // the unsent among them
  std::uint64_t unsent = 0;
  std::uint64_t failed_connections = 0;  // the other errors that are not of a message
  std::uint64_t connections = 0;
  std::uint64_t retransmissions = 0;
  std::chrono::nanoseconds lateness{0};  // the longest of the messages that left; open loop only

  // Of the generator's last one: when it ended, since the measuring began.
  bool is_final = false;
  std::chrono::nanoseconds end{0};

  void clear() {
    latency.clear();
    errors = unsent = failed_connections = retransmissions = 0;
    lateness = {};
    is_final = false;
  }
};

}  // namespace echo::load
