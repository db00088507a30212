#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "common/poll.h"

namespace echo::load {

// Tries a thing while it pays: a failure leaves out the next turns, the more failures the more of
// them.
class Trial {
 public:
  bool should_try() { return to_skip_ == 0 || --to_skip_ == 0; }
  void succeeded() { penalty_ = std::max(1U, penalty_ / 2); }
  void failed() {
    to_skip_ = penalty_ + 1;
    penalty_ = std::min(2 * penalty_, kMostSkipped);
  }

 private:
  static constexpr std::uint32_t kMostSkipped = 1024;

  std::uint32_t to_skip_ = 0;
  std::uint32_t penalty_ = 1;  // turns that the next failure leaves out
};

// Says whether a generator that has nothing to do polls or sleeps. A thread that sleeps wakes up
// tens of microseconds late: messages leave late, and answers are seen late. So it polls for up to
// the limit before a message is due, and for an answer after the last message or answer. If it is
// adaptive it polls before a due time only for as long as waking up takes, and leaves be what does
// not pay: answers that take longer than the limit, and a CPU that somebody else wants.
// It knows no clock: its owner passes the time. Thread rule: one thread.
class Spin {
 public:
  // More answers on their way come by themselves one behind the other, and sleeping takes several
  // of them at once.
  static constexpr std::uint64_t kFewAnswers = 8;

  // A limit of 0: it always sleeps.
  Spin(std::chrono::nanoseconds limit, bool adaptive);

  // What the loop is about to wait for.
  struct Awaited {
    SteadyTime due = kNever;       // the next message
    SteadyTime deadline = kNever;  // whatever comes first, the message included
    std::uint64_t answers = 0;     // messages under way
    std::uint64_t begun = 0;       // messages so far, which tells a new one
  };
  // Until when to wait for events: `now` is to poll once.
  SteadyTime wait_until(SteadyTime now, const Awaited& awaited);

  // The wait is over, with events or without.
  void woke(SteadyTime now, bool with_events);

  // Whether to let others run before the next poll: a server that is to answer may want this CPU.
  bool yields() const { return yields_ && !with_events_; }

 private:
  bool polls_for_due(SteadyTime now, SteadyTime due);
  bool polls_for_answer(SteadyTime now, const Awaited& awaited);
  bool taken_away(SteadyTime now) const;
  std::chrono::nanoseconds lead() const;

  // A message that is due, or answers that are awaited.
  struct Wait {
    Trial trial;
    bool polls = false;  // for this one
  };

  const std::chrono::nanoseconds limit_;
  const bool adaptive_;
  Wait due_wait_;
  SteadyTime due_ = kNever;  // that due_wait_ is for
  Wait answer_wait_;
  SteadyTime answer_since_;
  std::uint64_t begun_ = 0;  // that answer_wait_ is for
  bool with_events_ = false;
  bool yields_ = false;
  SteadyTime polled_at_;                     // the last wait, if it was a poll
  SteadyTime sleeps_until_ = kNever;         // the last wait, if it was to end before a due time
  std::chrono::nanoseconds usually_late_{};  // a sleep ends: the most, slowly forgotten
};

}  // namespace echo::load
