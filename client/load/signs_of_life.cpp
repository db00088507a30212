#include "client/load/signs_of_life.h"

#include <algorithm>

#include "client/results/live.h"

namespace echo::load {

void SignsOfLife::begin(const Timeline& timeline) {
  timeline_ = timeline;
  if (timeline.measured_from > timeline.start) {
    next_ = timeline.start;
  } else {
    next_ = timeline.end == kNever ? kNever : timeline.end + plan_.interval;
  }
}

std::optional<std::string> SignsOfLife::take(SteadyTime now) {
  if (now < next_) return std::nullopt;
  // The measuring has lines of its own, and may have begun while nobody asked.
  if (timeline_ && now >= timeline_->measured_from && next_ < timeline_->end) {
    next_ = timeline_->end == kNever ? kNever : timeline_->end + plan_.interval;
    return std::nullopt;
  }
  return phase_at(now);
}

std::string SignsOfLife::phase_at(SteadyTime now) {
  next_ = now + plan_.interval;
  if (!timeline_) return phase_line("connecting", std::nullopt);
  const SteadyTime ramp_end = timeline_->start + plan_.ramp_up;
  if (now < timeline_->measured_from) {
    const bool is_ramp = now < ramp_end;
    const SteadyTime end = is_ramp ? ramp_end : timeline_->measured_from;
    next_ = std::min(next_, end);
    return phase_line(is_ramp ? "ramp-up" : "warm-up", TimeLeft(end - now));
  }
  // In an open loop what is due at the end may wait for its connection before it waits for its
  // answer.
  const SteadyTime last = timeline_->end + (plan_.open_loop() ? 2 : 1) * plan_.timeout;
  return phase_line("waiting for late answers",
                    TimeLeft(std::max(last - now, nanoseconds::zero()), TimeLeft::Kind::at_most));
}

}  // namespace echo::load
