#include "server/core/admission.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "common/logging.h"

namespace echo {

Admission::Admission(const AdmissionLimits& limits)
    : limits_(limits), access_(limits.allow, limits.deny) {}

void Admission::configure(const AdmissionLimits& limits) {
  AccessList access(limits.allow, limits.deny);
  AdmissionLimits copy = limits;
  const MutexLock lock(mutex_);
  limits_ = std::move(copy);
  access_ = std::move(access);
  warn_if_lowered();
  wake_if_room();
}

void Admission::set_ceiling(const ConnectionCeiling& ceiling) {
  const MutexLock lock(mutex_);
  ceiling_ = ceiling;
  warn_if_lowered();
  wake_if_room();
}

void Admission::warn_if_lowered() const {
  if (limits_.max_connections <= ceiling_.connections) return;
  log_event(Level::warn, "max_connections_lowered",
            "max-connections lowered from {asked} to {lowered}: {reason}; "
            "more clients wait until one has left",
            {{"asked", std::uint64_t{limits_.max_connections}},
             {"lowered", ceiling_.connections},
             {"reason", ceiling_.reason}});
}

// Once a minute, for an operator who wonders who that is.
void Admission::warn_of_limit() noexcept try {
  if (addresses_.empty() || !logs(Level::warn) || !limit_log_.allow()) return;
  const auto most = std::ranges::max_element(addresses_, {}, &Table::value_type::second);
  log_event(Level::warn, "limit_reached",
            "at the limit of {limit} on connections; no address holds more than {address}: "
            "{connections}",
            {{"limit", limit()},
             {"connections", most->second},
             {"address", most->first.to_string() + (most->first.is_v6() ? "/64" : "")}});
} catch (const std::exception&) {  // no memory for the line
}

std::variant<Admission::Ticket, CloseCause> Admission::admit(const Endpoint& peer) {
  const std::optional<asio::ip::address> ip = ip_address(peer);
  const MutexLock lock(mutex_);
  if (ip && !access_.admits(*ip)) return CloseCause::denied;
  if (ip && limits_.max_per_address > 0) {
    const auto found = addresses_.find(counted_as(*ip));
    if (found != addresses_.end() && found->second >= limits_.max_per_address) {
      return CloseCause::per_address;
    }
  }
  if (connections_ >= limit()) {
    warn_of_limit();
    return CloseCause::full;
  }
  // Counted without a limit too: one may be set while these connections live.
  const auto address = ip ? addresses_.try_emplace(counted_as(*ip), 0).first : addresses_.end();
  if (ip) ++address->second;
  ++connections_;
  return Ticket(*this, address);
}

void Admission::give_back(Table::iterator address) {
  const MutexLock lock(mutex_);
  --connections_;
  if (address != addresses_.end() && --address->second == 0) addresses_.erase(address);
  wake_if_room();
}

void Admission::wait(bool waits) {
  const MutexLock lock(mutex_);
  if (waits) ++waiting_for_thread_;
  if (!waits) --waiting_for_thread_;
  wake_if_room();
}

bool Admission::has_room() {
  const MutexLock lock(mutex_);
  waiting_ = !has_room_now();
  if (waiting_ && connections_ >= limit()) warn_of_limit();
  if (waiting_) room_.clear();
  return !waiting_;
}

bool Admission::has_room_now() const {
  if (waiting_for_thread_ > 0) return false;
  if (connections_ < limit()) return true;
  // Clients beyond a limit that was not lowered may be refused.
  return limits_.when_full == WhenFull::reject && limits_.max_connections <= ceiling_.connections;
}

std::size_t Admission::limit() const {
  return std::min<std::size_t>(limits_.max_connections, ceiling_.connections);
}

void Admission::wake_if_room() {
  if (!waiting_ || !has_room_now()) return;
  waiting_ = false;
  room_.signal();
}

Admission::Counts Admission::counts() const {
  const MutexLock lock(mutex_);
  return {.connections = connections_, .addresses = addresses_.size(), .limit = limit()};
}

}  // namespace echo
