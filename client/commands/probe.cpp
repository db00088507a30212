#include "client/commands/probe.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "client/wire/held_up.h"
#include "common/error_text.h"
#include "common/units.h"

namespace echo {
namespace {

using Clock = std::chrono::steady_clock;

// Of a connection that stood, the kernel says ETIMEDOUT once it has sent in vain for too long.
Failure failure_of_connected(int error) {
  return error == ETIMEDOUT ? Failure::timeout : failure_of(error);
}

}  // namespace

void Probe::open(Descriptor socket, std::string peer, std::uint64_t stream) {
  socket_ = std::move(socket);
  peer_ = std::move(peer);
  window_.open(stream);
}

Probe::Outcome Probe::begin(std::uint64_t size, SteadyTime now, std::chrono::nanoseconds timeout) {
  window_.begin(size);
  begun_ = now;
  timeout_ = timeout;
  return send_some(now);
}

Probe::Outcome Probe::advance(bool is_writable, bool is_readable, SteadyTime now) {
  if (is_writable && wants_to_write()) {
    const bool is_first = window_.bytes_sent() == window_.front().begin;
    const Outcome outcome = send_some(is_first ? begun_ : now);
    if (outcome != Outcome::pending) return outcome;
  }
  return is_readable ? receive_some() : Outcome::pending;
}

// What echoc held up since it was ready to send left only then.
Probe::Outcome Probe::send_some(SteadyTime ready) {
  const auto bytes = window_.fill(buffer_);
  const ssize_t count = ::send(socket(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count < 0 && is_transient(errno)) return Outcome::pending;
  if (count < 0) return lost(failure_of_connected(errno), error_text(errno));
  window_.sent(static_cast<std::uint64_t>(count));
  begun_ += held_up(ready, Clock::now());
  return Outcome::pending;
}

Probe::Outcome Probe::receive_some() {
  const Message& message = window_.front();
  const ssize_t count = ::recv(socket(), buffer_.data(), buffer_.size(), 0);
  if (count < 0 && is_transient(errno)) return Outcome::pending;
  if (count <= 0) {
    return lost(count == 0 ? Failure::peer_closed : failure_of_connected(errno),
                fmt::format("{} after {} of {} bytes",
                            count == 0 ? "the server closed the connection" : error_text(errno),
                            window_.bytes_received() - message.begin, message.size()));
  }
  const auto wrong = window_.receive(buffer_.first(static_cast<std::size_t>(count)));
  if (wrong && !wrong->unexpected) {
    return corrupt(fmt::format("byte {} of {} is {:#04x} instead of {:#04x}", wrong->offset,
                               message.size(), wrong->got, wrong->wanted));
  }
  if (!window_.is_front_answered()) {
    if (!wrong) return Outcome::pending;
    return corrupt(fmt::format("more came back than the {} of {} bytes that were sent",
                               window_.bytes_sent() - message.begin, message.size()));
  }
  // The message is answered; what came with it is an error of its own.
  if (wrong) unexpected_ = wrong->got;
  window_.pop();
  return Outcome::echoed;
}

Probe::Outcome Probe::time_out() {
  return lost(Failure::timeout, "no answer within " + duration_text(timeout_));
}

Probe::Outcome Probe::lost(Failure failure, std::string why) {
  failure_ = failure;
  why_ = std::move(why);
  return Outcome::lost;
}

Probe::Outcome Probe::corrupt(std::string why) {
  why_ = std::move(why);
  return Outcome::corrupt;
}

std::optional<std::byte> Probe::take_unexpected() {
  return std::exchange(unexpected_, std::nullopt);
}

void Probe::receive_idle() {
  std::byte byte{};
  const ssize_t count = ::recv(socket(), &byte, 1, 0);
  if (count > 0) unexpected_ = byte;
  if (count <= 0) why_ = count == 0 ? "connection closed" : error_text(errno);
}

void Probe::finish() {
  ::shutdown(socket(), SHUT_WR);
}

}  // namespace echo
