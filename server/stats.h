#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "common/close_cause.h"

namespace echo {

// The counters at one moment.
struct StatsSnapshot {
  std::uint64_t accepted = 0;
  std::uint64_t live = 0;  // in the snapshot of Sessions
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::array<std::uint64_t, kCloseCauses> closed{};  // by CloseCause

  std::uint64_t closed_as(CloseCause cause) const {
    return closed[static_cast<std::size_t>(cause)];
  }
};

// What all threads count in, once for each connection and never for each message.
// Thread rule: any thread; each counter is exact, a snapshot of several is not one moment's.
class Stats {
 public:
  // Returns the number of the client: 1, 2, 3, …
  std::uint64_t count_accepted();
  void count_closed(CloseCause cause, std::uint64_t bytes_in, std::uint64_t bytes_out);

  StatsSnapshot snapshot() const;

 private:
  std::atomic<std::uint64_t> accepted_{0};
  std::atomic<std::uint64_t> bytes_in_{0};
  std::atomic<std::uint64_t> bytes_out_{0};
  std::array<std::atomic<std::uint64_t>, kCloseCauses> closed_{};
};

}  // namespace echo
