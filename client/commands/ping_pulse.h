#pragma once

#include <atomic>
#include <chrono>

#include "common/descriptor.h"
#include "common/poll.h"

namespace echo {

// Asks the loop of a ping whether it still turns. Thread rule: one thread asks and reads, the
// loop's answers.
class PingPulse {
 public:
  static constexpr std::chrono::nanoseconds kPatience = std::chrono::seconds(1);

  // Asks, or joins the question that is open. Returns until when to wait for the answer.
  SteadyTime ask(SteadyTime now) {
    if (!is_open_.exchange(true)) {
      asked_at_ = now;
      asked_.signal();
    }
    return asked_at_ + kPatience;
  }
  // Whether the open question has been so for as long. One that was asked a moment ago, behind an
  // answer that is still to be read, says nothing.
  bool is_overdue(SteadyTime now) const { return is_open_ && now >= asked_at_ + kPatience; }
  WakeEvent& answered() { return answered_; }

  // The loop: readable when there is a question, which answer() then answers.
  int descriptor() const { return asked_.descriptor(); }
  void answer() {
    asked_.clear();
    is_open_ = false;
    answered_.signal();
  }

 private:
  WakeEvent asked_;
  WakeEvent answered_;
  std::atomic<bool> is_open_{false};
  SteadyTime asked_at_;  // of the thread that asks
};

}  // namespace echo
