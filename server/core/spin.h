#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>

namespace echo {

// How many workers may try at once; they take turns with each other and with everybody else.
// Thread rule: any thread; outlives every Spin.
class SpinPermits {
 public:
  explicit SpinPermits(int permits) : free_(permits) {}

  // For the cores in the affinity mask and the CPU quota of the control group; 0 where they are
  // below two. The folder is for tests; in it are proc and sys.
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
// Owner: the session; its worker alone calls it.
class Spin {
 public:
  using Clock = std::chrono::steady_clock;

  // Tries for `limit` at most; 0 is never.
  Spin(SpinPermits& permits, std::chrono::nanoseconds limit)
      : permits_(permits), limit_(limit), usually_blocked_(longest()) {}

  // `receive` as recv(2) with the flags that it is given.
  template <typename Receive>
  ssize_t operator()(const Receive& receive);

  // The decisions, apart from clock and system call.

  // Whether to try now.
  bool begin(Clock::time_point now);
  // After a try that brought nothing: whether to try once more. False ends it.
  bool go_on(Clock::time_point now);
  // After a try that brought something.
  void succeeded(Clock::time_point now);
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
  std::uint32_t to_skip_ = 0;  // receives that block at once
  std::uint32_t penalty_ = 1;  // to_skip_ after the next failure
};

template <typename Receive>
ssize_t Spin::operator()(const Receive& receive) {
  if (limit_ == limit_.zero()) return receive(0);
  const auto start = Clock::now();
  if (begin(start)) {
    for (;;) {
      const ssize_t got = receive(MSG_DONTWAIT);
      const auto now = Clock::now();
      if (got >= 0 || errno != EAGAIN) {
        succeeded(now);
        return got;
      }
      if (!go_on(now)) break;
    }
  }
  const ssize_t got = receive(0);
  blocked(Clock::now() - start);
  return got;
}

}  // namespace echo
