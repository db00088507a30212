#pragma once

#include <chrono>

#include "client/wire/held_up.h"
#include "common/poll.h"

namespace echo::load {

// Judges how late the loop of a generator itself is. Whatever happens while it sleeps too long or
// is busy reaches it late, and that is not the server's fault: from when it should have woken and
// when it did follows when an event may have come that it is told of now. It knows no clock: its
// owner passes the time. Thread rule: one thread.
class Punctuality {
 public:
  // The loop is about to wait for events until the deadline.
  void waits(SteadyTime now, SteadyTime deadline);

  // It has returned from there. If it was not told of all events, some may be old by now.
  void woke(SteadyTime now, bool told_all);

  // What the loop is told of in this turn had not come before this.
  SteadyTime earliest() const { return earliest_; }

  // All that came before was told in this turn or earlier: when the last wait that told all began.
  SteadyTime told_until() const { return told_until_; }

  // How long an answer that the loop is told of in this turn took to come to a message that left at
  // `begun`, less what the loop was late by. If it was not running at all, nobody knows when the
  // answer came, and the loop is to blame.
  std::chrono::nanoseconds answer_time(SteadyTime begun) const;

  // The longest time for which it looked at nothing although it should have. Of a pause that began
  // before the time to count from only the rest counts.
  std::chrono::nanoseconds longest_pause() const { return longest_pause_; }
  void count_pauses_from(SteadyTime time);

 private:
  struct Pause {
    SteadyTime began;
    SteadyTime ended;

    std::chrono::nanoseconds length() const { return ended - began; }
    std::chrono::nanoseconds within(SteadyTime from, SteadyTime to) const;
  };
  void count_pause(SteadyTime begin, SteadyTime end);

  SteadyTime waiting_since_;
  SteadyTime deadline_ = kNever;
  SteadyTime woken_at_;
  SteadyTime earliest_;
  SteadyTime latest_;
  SteadyTime told_until_;
  bool told_all_ = true;
  // When the loop can't have been running: in the last turn that was so long, and the longest time
  // since all was told, be it a turn or a wait.
  Pause pause_;
  Pause stop_;
  SteadyTime count_from_;
  std::chrono::nanoseconds longest_pause_{0};
};

}  // namespace echo::load
