#pragma once

#include <chrono>
#include <optional>

#include "common/timer.h"
#include "server/core/session_registry.h"

namespace echo {

// Says "Waiting for client N..." on every beat: for the next client while nobody is connected, else
// for each client that has been silent for a beat or longer. Thread rule: the owner's thread alone.
class Heartbeat {
 public:
  // A beat of 0 is off.
  Heartbeat(TimerThread& timers, std::chrono::nanoseconds beat, const SessionRegistry& sessions);

  void start();
  void stop();

  // Begins anew with another beat if it is running.
  void set_beat(std::chrono::nanoseconds beat);

 private:
  void report() const;

  TimerThread& timers_;
  const SessionRegistry& sessions_;
  std::chrono::nanoseconds beat_;  // changes only while there is no timer_
  bool running_ = false;
  std::optional<Timer> timer_;  // while it runs and is not off
};

}  // namespace echo
