#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>

namespace echo {

// How many workers may try at once; they take turns with each other and with everybody else.
// Thread rule: any thread; outlives every Spin.
class SpinPermits {
 public:
  explicit SpinPermits(int permits) : free_(permits) {}

  // For the allowed CPUs; 0 where there are fewer than two.
  static int of_this_process(const std::filesystem::path& root = "/");

  bool take();
  void give_back() { free_.fetch_add(1, std::memory_order_relaxed); }

 private:
  std::atomic<int> free_;
};

// Try before blocking: a worker whose client answers at once meets the bytes awake, which saves
// putting the core to sleep and waking it up. Learns for its connection whether that pays, from how
// long it blocks; where it does not, and where somebody else wants the core, the worker blocks like
// any other.
// A worker that serves many learns it for all of them.
// Owner: the worker, which alone calls it.
class Spin {
 public:
  using Clock = std::chrono::steady_clock;

  // Longer tries would take a core from everybody else for no gain.
  static constexpr std::chrono::nanoseconds kMostTried = std::chrono::seconds(1);

  // Tries for `limit` at most; 0 is never.
  Spin(SpinPermits& permits, std::chrono::nanoseconds limit)
      : permits_(permits), limit_(std::min(limit, kMostTried)), usually_blocked_(longest()) {}

  // The result of `attempt(false)`, which does not block, while trying pays, or else of
  // `attempt(true)`. `nothing` says whether a result is that of an attempt that brought nothing.
  template <typename Attempt, typename Nothing>
  auto wait(Attempt attempt, Nothing nothing);

  // The decisions, apart from clock and system call.

  // Whether to try now.
  bool should_try(Clock::time_point now);
  // After a try that brought nothing: whether to try once more. False ends it.
  bool keep_trying(Clock::time_point now);
  // After a try that brought something.
  void succeeded(Clock::time_point now);
  // Of a worker that serves many: how many it has served since it served this one before.
  void served(std::uint64_t connections);
  // After a receive that blocked, be it after tries that brought nothing.
  void blocked(std::chrono::nanoseconds time);

 private:
  void give_up();
  // More is not told apart, so that one long pause is soon forgotten.
  std::chrono::nanoseconds longest() const { return 8 * limit_; }

  SpinPermits& permits_;
  const std::chrono::nanoseconds limit_;
  Clock::time_point begin_;
  Clock::time_point last_;
  std::chrono::nanoseconds usually_blocked_;  // moving averages of how long a receive took
  std::chrono::nanoseconds usually_tried_{};
  std::uint64_t crowd_ = 0;    // moving average of how many take turns, times kAveraged
  std::uint32_t to_skip_ = 0;  // receives that block at once
  std::uint32_t penalty_ = 1;  // to_skip_ after the next failure
};

template <typename Attempt, typename Nothing>
auto Spin::wait(Attempt attempt, Nothing nothing) {
  if (limit_ == limit_.zero()) return attempt(true);
  const auto start = Clock::now();
  if (should_try(start)) {
    for (;;) {
      const auto result = attempt(false);
      const auto now = Clock::now();
      if (!nothing(result)) {
        succeeded(now);
        return result;
      }
      if (!keep_trying(now)) break;
    }
  }
  const auto result = attempt(true);
  blocked(Clock::now() - start);
  return result;
}

}  // namespace echo
