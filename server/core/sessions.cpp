#include "server/core/sessions.h"

namespace echo {

void Sessions::run(Session& session) {
  CloseCause cause = CloseCause::error;
  try {
    add(session);
    cause = session.run(stats_);
  } catch (...) {
    remove(session, cause);
    throw;
  }
  remove(session, cause);
}

void Sessions::count_unserved() {
  stats_.count_closed(CloseCause::no_resources, 0, 0);
}

void Sessions::add(Session& session) {
  const std::lock_guard lock(mutex_);
  live_.emplace(session.number(), &session);
  if (phase_ == Phase::draining) session.drain();
  if (phase_ == Phase::resetting && session.reset()) ++forced_;
}

void Sessions::remove(Session& session, CloseCause cause) {
  const std::lock_guard lock(mutex_);
  live_.erase(session.number());
  // Under the lock, so that a snapshot counts these bytes once: as live ones or as closed ones.
  stats_.count_closed(cause, session.received(), session.sent());
}

void Sessions::drain() {
  const std::lock_guard lock(mutex_);
  phase_ = Phase::draining;
  for (const auto& [number, session] : live_) session->drain();
}

void Sessions::reset() {
  const std::lock_guard lock(mutex_);
  phase_ = Phase::resetting;
  for (const auto& [number, session] : live_) forced_ += session->reset() ? 1 : 0;
}

std::uint64_t Sessions::forced() const {
  const std::lock_guard lock(mutex_);
  return forced_;
}

Sessions::Silent Sessions::silent_since(Session::Clock::time_point when, std::size_t most) const {
  const std::lock_guard lock(mutex_);
  Silent result;
  result.nobody = live_.empty();
  for (const auto& [number, session] : live_) {
    if (!session->silent_since(when)) continue;
    if (result.numbers.size() < most) {
      result.numbers.push_back(number);
    } else {
      ++result.more;
    }
  }
  return result;
}

StatsSnapshot Sessions::snapshot() const {
  const std::lock_guard lock(mutex_);
  StatsSnapshot result = stats_.snapshot();
  result.live = live_.size();
  for (const auto& [number, session] : live_) {
    result.bytes_in += session->received();
    result.bytes_out += session->sent();
  }
  return result;
}

}  // namespace echo
