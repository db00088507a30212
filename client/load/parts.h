#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "client/load/job.h"
#include "client/load/punctuality.h"
#include "client/load/recorder.h"
#include "client/load/schedule.h"
#include "client/load/spin.h"
#include "client/load/tcp_watch.h"
#include "client/load/trailing_watch.h"
#include "client/wire/route.h"
#include "common/epoll.h"
#include "common/poll.h"

namespace echo::load {

// The earliest time at which something must be looked at.
class Alarm {
 public:
  SteadyTime time() const { return time_; }
  void set(SteadyTime time) { time_ = time; }
  void set_if_earlier(SteadyTime time) { time_ = time < time_ ? time : time_; }

 private:
  SteadyTime time_ = kNever;
};

// What the connections of one generator work with. Owner: its loop, which they don't outlive.
struct Parts {
  Parts(const Job& job, IntervalQueue& queue);
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  const LoadPlan& plan;
  const Payload& payload;
  Epoll epoll;
  Route route;
  Recorder recorder;
  TrailingWatch trailing;
  Punctuality punctuality;
  Spin spin;
  Schedule schedule;  // from the start of the run on
  struct {
    std::optional<EffectiveSocket> socket;  // of the first connection that was made
    TcpSweep sweep;
  } kernel;
  Alarm alarm;                    // a connection sets it to each of its deadlines but a message's
  std::vector<std::byte> buffer;  // for any one send or receive
};

}  // namespace echo::load
