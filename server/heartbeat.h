#pragma once

#include <chrono>

#include "common/timer.h"
#include "server/sessions.h"

namespace echo {

// Says "Waiting for client N..." on every beat: for the next client while nobody is connected, else
// for each client that has been silent for a beat or longer.
class Heartbeat {
 public:
  // A beat of 0 is off.
  Heartbeat(Timers& timers, std::chrono::nanoseconds beat, const Sessions& sessions);

  void start();
  void stop();

 private:
  void report() const;

  const std::chrono::nanoseconds beat_;
  const Sessions& sessions_;
  Timer timer_;
};

}  // namespace echo
