#include "client/results/result.h"

#include <cerrno>

namespace echo::load {
namespace {

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

std::string_view name(Failure failure) {
  constexpr std::array<std::string_view, kFailures> kNames{
      "refused", "connect_timeout", "peer_closed", "peer_reset",
      "timeout", "no_resources",    "other"};
  return kNames[static_cast<std::size_t>(failure)];
}

Failure failure_of(int error) {
  switch (error) {
    case ECONNREFUSED:
    case ENOENT:  // no such unix socket
      return Failure::refused;
    case ETIMEDOUT:
      return Failure::connect_timeout;
    case ECONNRESET:
    case EPIPE:
      return Failure::peer_reset;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EADDRNOTAVAIL:  // connect(2): all ephemeral ports are in use
    case EAGAIN:         // connect(2) of a unix socket whose server's backlog is full
      return Failure::no_resources;
    default:
      return Failure::other;
  }
}

void Counters::add(const Counters& other) {
  connections.asked += other.connections.asked;
  connections.made += other.connections.made;
  connections.failed += other.connections.failed;
  connections.lost += other.connections.lost;
  connections.reconnected += other.connections.reconnected;
  connections.churned += other.connections.churned;
  messages.sent += other.messages.sent;
  messages.echoed += other.messages.echoed;
  messages.corrupt += other.messages.corrupt;
  messages.timed_out += other.messages.timed_out;
  messages.lost += other.messages.lost;
  messages.unsent += other.messages.unsent;
  bytes.sent += other.bytes.sent;
  bytes.received += other.bytes.received;
  for (std::size_t i = 0; i < kFailures; ++i) failures[i] += other.failures[i];
}

std::uint64_t failures(const Counters& counters) {
  return counters.messages.corrupt + counters.messages.timed_out + counters.messages.lost +
         counters.connections.failed;
}

double Interval::at_seconds() const {
  return seconds(start + length);
}

double Interval::rate() const {
  return length.count() == 0 ? 0 : static_cast<double>(echoed) / seconds(length);
}

double Result::achieved_rate() const {
  return duration.count() == 0 ? 0
                               : static_cast<double>(counters.messages.echoed) / seconds(duration);
}

}  // namespace echo::load
