#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "client/results/result.h"
#include "client/wire/message_window.h"
#include "client/wire/payload.h"
#include "common/descriptor.h"
#include "common/poll.h"

namespace echo {

// The connection of a ping: sends one message at a time and compares what comes back. It never
// waits: its owner watches the socket and passes the time. Thread rule: one thread.
class Probe {
 public:
  enum class Outcome { pending, echoed, lost, corrupt };

  // Both must outlive it; the buffer holds nothing between two calls.
  Probe(const Payload& payload, std::span<std::byte> buffer)
      : buffer_(buffer), window_(payload, 1) {}

  // A connected socket. Each has a stream of the payload of its own.
  void open(Descriptor socket, std::string peer, std::uint64_t stream);
  void close() { socket_.reset(); }
  explicit operator bool() const { return static_cast<bool>(socket_); }
  int socket() const { return socket_.get(); }
  const std::string& peer() const { return peer_; }

  // Begins a message, whose answer has that long to come, and sends what the socket takes of it.
  // REQUIRES: connected, and the one before was echoed.
  Outcome begin(std::uint64_t size, SteadyTime now, std::chrono::nanoseconds timeout);
  // The socket was ready at `now`. Receives while it sends: no buffer on the way has to hold a
  // whole message. Says why() it is lost or corrupt.
  Outcome advance(bool is_writable, bool is_readable, SteadyTime now);
  bool wants_to_write() const { return window_.unsent() > 0; }
  // The answer had not come by the deadline().
  Outcome time_out();
  SteadyTime deadline() const { return begun_ + timeout_; }
  // When it left.
  SteadyTime begun() const { return begun_; }

  const std::string& why() const { return why_; }
  Failure failure() const { return failure_; }  // REQUIRES: lost

  // A byte that came behind an answer, if one did.
  std::optional<std::byte> take_unexpected();

  // Between two messages, or behind the last one, something came: an unexpected byte, or the end,
  // and then why().
  void receive_idle();
  // Half-closes, after which only the end may come.
  void finish();

 private:
  Outcome send_some(SteadyTime ready);
  Outcome receive_some();
  Outcome lost(Failure failure, std::string why);
  Outcome corrupt(std::string why);

  const std::span<std::byte> buffer_;
  Descriptor socket_;
  std::string peer_;
  MessageWindow window_;
  std::chrono::nanoseconds timeout_{0};
  SteadyTime begun_;
  std::optional<std::byte> unexpected_;
  Failure failure_ = Failure::other;
  std::string why_;
};

}  // namespace echo
