#include "client/commands/ping_figures.h"

#include <algorithm>

namespace echo {

using std::chrono::nanoseconds;

std::string_view name(PingLoss cause) {
  if (cause == PingLoss::unresolved) return "unresolved";
  if (cause == PingLoss::wrong_bytes) return "wrong_bytes";
  return name(static_cast<Failure>(cause));
}

PingLoss loss_of(Failure failure) {
  static_assert(static_cast<int>(PingLoss::other) == static_cast<int>(Failure::other));
  return static_cast<PingLoss>(failure);
}

void PingFigures::connected(nanoseconds time, bool is_again) {
  connect_.record(time);
  if (is_again) add(reconnects_, 1);
}

void PingFigures::echoed(nanoseconds time) {
  round_trip_.record(time);
  is_up_ = true;
}

void PingFigures::lost(PingLoss cause) {
  add(lost_[static_cast<std::size_t>(cause)], 1);
  is_up_ = false;
}

void PingFigures::outage_began(SteadyTime since) {
  add(outages_, 1);
  outage_since_ = nanoseconds(since.time_since_epoch()).count();
}

// The longest first: a reader that still sees this outage takes the longer one of the two.
void PingFigures::outage_ended(nanoseconds length) {
  longest_outage_ = std::max<std::int64_t>(longest_outage_, length.count());
  outage_since_ = kNoOutage;
}

PingFigures::Snapshot PingFigures::snapshot(SteadyTime now) const {
  Snapshot result;
  result.sent = sent_;
  result.skipped = skipped_;
  result.unexpected = unexpected_;
  result.reconnects = reconnects_;
  result.outages = outages_;
  std::ranges::copy(lost_, result.lost.begin());
  result.round_trip = round_trip_.snapshot();
  result.connect = connect_.snapshot();
  result.is_up = is_up_;
  const std::int64_t since = outage_since_;
  if (since != kNoOutage) result.outage = nanoseconds(now.time_since_epoch()) - nanoseconds(since);
  result.longest_outage = std::max(result.outage, nanoseconds(longest_outage_));
  return result;
}

}  // namespace echo
