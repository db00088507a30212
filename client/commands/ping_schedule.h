#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "common/poll.h"

namespace echo {

// When the messages of one target are due. What a message takes moves no other one: the intervals
// that it has covered are left out, and the rest keep their places. Pure. Thread rule: one thread.
class PingSchedule {
 public:
  // REQUIRES: interval > 0.
  explicit PingSchedule(std::chrono::nanoseconds interval) : interval_(interval) {}

  void start(SteadyTime first) { due_ = first; }
  SteadyTime due() const { return due_; }

  // The message that was due is over at `now`. Returns how many intervals it has covered.
  std::uint64_t advance(SteadyTime now) {
    due_ += interval_;
    if (now <= due_) return 0;
    const auto missed = (now - due_) / interval_;
    due_ += missed * interval_;
    return static_cast<std::uint64_t>(missed);
  }

 private:
  std::chrono::nanoseconds interval_;
  SteadyTime due_;
};

// The first message of one of `count` targets, which are spread over an interval of at most a
// second: answers to messages that all leave at once would wait for each other.
constexpr SteadyTime first_due(SteadyTime start, std::chrono::nanoseconds interval,
                               std::size_t index, std::size_t count) {
  const std::chrono::nanoseconds span =
      std::min<std::chrono::nanoseconds>(interval, std::chrono::seconds(1));
  return start + span * static_cast<std::int64_t>(index) / static_cast<std::int64_t>(count);
}

}  // namespace echo
