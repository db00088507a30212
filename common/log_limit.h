#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

namespace echo {

// Keeps a fault that repeats from filling the log: one line a second, the others are counted.
// Thread rule: any thread.
class LogLimit {
 public:
  using Clock = std::chrono::steady_clock;

  // When the line may be logged: how many were held back since the last one. Else nothing.
  std::optional<std::uint64_t> allow(Clock::time_point now = Clock::now());

 private:
  std::mutex mutex_;  // guards all below
  std::optional<Clock::time_point> last_;
  std::uint64_t suppressed_ = 0;
};

}  // namespace echo
