#pragma once

#include <optional>
#include <string>

#include "client/load/schedule.h"
#include "client/results/plan.h"
#include "common/poll.h"

namespace echo::load {

// The live lines of a run while its intervals have none: while connections are made, during ramp-up
// and warm-up, and while late answers are awaited. Pure: `now` is passed in.
// Thread rule: one thread.
class SignsOfLife {
 public:
  // `now` is when the connections begin to be made. The plan must outlive it.
  SignsOfLife(const LoadPlan& plan, SteadyTime now) : plan_(plan), next_(now + plan.interval) {}

  // All connections that could be made stand.
  void begin(const Timeline& timeline);

  // When the next line is due.
  SteadyTime next() const { return next_; }
  // The line that is due, if one is.
  std::optional<std::string> take(SteadyTime now);

 private:
  std::string phase_at(SteadyTime now);

  const LoadPlan& plan_;
  SteadyTime next_;
  std::optional<Timeline> timeline_;
};

}  // namespace echo::load
