#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "common/close_cause.h"
#include "server/core/flow.h"

namespace echo {

// How long a session may last in which state; 0 disables a limit.
struct SessionLimits {
  std::chrono::nanoseconds idle_timeout{};   // no byte either way
  std::chrono::nanoseconds write_timeout{};  // bytes for the peer, and it takes none of them
  std::chrono::nanoseconds max_lifetime{};
  std::chrono::nanoseconds keepalive{};  // silence before the kernel asks whether the peer is there
  std::chrono::nanoseconds spin{};       // how long to try before blocking; 0: not at all
};

// The rules below only judge what they are shown, in the order of time; they look at no clock and
// no socket. Each says whether its limit is reached, and else when to look again.
struct RuleVerdict {
  bool reached = false;
  Flow::Clock::time_point next = Flow::Clock::time_point::max();
};

// No byte has flowed either way for the timeout. Without bytes on their way to the peer, only the
// worker moves any; with some, they must be looked at often enough to see when they stop.
class IdleRule {
 public:
  using Clock = Flow::Clock;

  IdleRule(std::chrono::nanoseconds timeout, Clock::time_point start)
      : timeout_(timeout), moved_(start), progress_(start) {}

  // `last_progress` is when the worker last moved a byte.
  RuleVerdict look(const Flow& flow, Clock::time_point last_progress);

  Clock::time_point moved() const { return moved_; }  // when a byte was last seen to flow

 private:
  const std::chrono::nanoseconds timeout_;
  Clock::time_point moved_;
  Clock::time_point progress_;  // last_progress at the last look
  std::uint64_t taken_ = 0;
  int unread_ = 0;
  bool late_ = false;  // the last look came long after its time
};

// There have been bytes for the peer for the timeout, and it took none of them.
class StallRule {
 public:
  explicit StallRule(std::chrono::nanoseconds timeout) : timeout_(timeout) {}

  RuleVerdict look(const Flow& flow, Flow::Clock::time_point last_progress);

 private:
  const std::chrono::nanoseconds timeout_;
  std::optional<Flow::Clock::time_point> since_;  // set while there are bytes for the peer
  std::uint64_t taken_ = 0;
};

// All limits of one session. Thread rule: its timer alone.
class SessionRules {
 public:
  using Clock = Flow::Clock;

  // `exact` as in the Flow of this session's socket.
  SessionRules(const SessionLimits& limits, Clock::time_point start, bool exact);

  // When to look for the first time; the end of time if there is nothing to look for.
  Clock::time_point first_look() const { return first_look_; }

  // When to look if the worker moves a byte `now`, so that every limit keeps its promise.
  Clock::time_point look_after(Clock::time_point now) const {
    return std::min(now + watch_period_, lifetime_end_);
  }

  struct Outcome {
    CloseCause cause = CloseCause::none;  // stalled, idle or lifetime
    Clock::time_point next{};             // when to look again
    // Nothing can be missed before `next` unless the worker moves a byte.
    bool quiet = false;
  };
  Outcome look(const Flow& flow, Clock::time_point last_progress);

  // When a byte was last seen to flow.
  Clock::time_point moved() const { return idle_.moved(); }

 private:
  IdleRule idle_;
  StallRule stall_;
  const bool watches_flow_;
  const std::chrono::nanoseconds watch_period_;
  const Clock::time_point lifetime_end_;
  Clock::time_point first_look_;
  Clock::time_point last_look_;
};

}  // namespace echo
