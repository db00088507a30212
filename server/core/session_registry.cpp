#include "server/core/session_registry.h"

namespace echo {

SessionRegistry::Entry::Entry(SessionRegistry& registry, Session& session)
    : registry_(registry), session_(session) {
  registry_.add(session);
}

void SessionRegistry::count_unserved() {
  stats_.count_closed(CloseCause::no_resources, 0, 0);
}

void SessionRegistry::add(Session& session) {
  const MutexLock lock(mutex_);
  live_.emplace(session.number(), &session);
  if (phase_ == Phase::draining) session.drain();
  if (phase_ == Phase::resetting) session.reset();
}

void SessionRegistry::remove(Session& session, CloseCause cause) {
  const MutexLock lock(mutex_);
  live_.erase(session.number());
  if (phase_ != Phase::serving && session.is_forced()) ++forced_;
  // Under the lock, so that a snapshot counts these bytes once, as live or as closed ones.
  stats_.count_closed(cause, session.received(), session.sent());
}

void SessionRegistry::drain() {
  const MutexLock lock(mutex_);
  phase_ = Phase::draining;
  for (const auto& [number, session] : live_) session->drain();
}

void SessionRegistry::reset() {
  const MutexLock lock(mutex_);
  phase_ = Phase::resetting;
  for (const auto& [number, session] : live_) session->reset();
}

std::uint64_t SessionRegistry::forced() const {
  const MutexLock lock(mutex_);
  return forced_;
}

SessionRegistry::SilentClients SessionRegistry::silent_since(Session::Clock::time_point when,
                                                             std::size_t most) const {
  const MutexLock lock(mutex_);
  SilentClients result;
  result.none_connected = live_.empty();
  for (const auto& [number, session] : live_) {
    if (!session->silent_since(when)) continue;
    if (result.listed.size() < most) {
      result.listed.push_back(number);
    } else {
      ++result.omitted;
    }
  }
  return result;
}

StatsSnapshot SessionRegistry::snapshot() const {
  const MutexLock lock(mutex_);
  StatsSnapshot result = stats_.snapshot();
  result.live = live_.size();
  for (const auto& [number, session] : live_) {
    result.bytes_in += session->received();
    result.bytes_out += session->sent();
  }
  return result;
}

}  // namespace echo
