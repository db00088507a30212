#include "server/session.h"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <utility>

#include "common/logging.h"

namespace echo {
namespace {

// recv(2) and send(2) themselves: Asio's calls would poll without limit where these say EAGAIN.
// Receiving blocks and is ended by shutdown(2). Sending never blocks, so that a peer that takes
// its bytes slowly can be told from one that takes none.
struct Stream {
  int socket;

  ssize_t receive(std::span<std::byte> space) const {
    return ::recv(socket, space.data(), space.size(), 0);
  }
  ssize_t send(std::span<const std::byte> bytes) const {
    return ::send(socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
};

}  // namespace

Session::Session(Connection connection, const SessionLimits& limits, Timers& timers)
    : connection_(std::move(connection)),
      limits_(limits),
      idle_timer_(timers, limits.idle_timeout, [this] { close_when_idle(); }) {}

CloseCause Session::run() {
  log_event(Level::debug, "connected", "client {client} connected from {address}",
            {{"client", number()}, {"address", connection_.peer}});
  if (limits_.idle_timeout > std::chrono::nanoseconds::zero()) idle_timer_.start();
  echo_until_end();
  close();
  log_closed();
  return cause_;
}

void Session::echo_until_end() {
  Stream stream{connection_.socket.get()};
  for (;;) {
    const Echo::Next next = echo_.step(stream);
    if (next == Echo::Next::end) return;
    progress();
    if (next == Echo::Next::send) wait_until_writable();
  }
}

void Session::wait_until_writable() const {
  pollfd socket{connection_.socket.get(), POLLOUT, 0};
  ::poll(&socket, 1, -1);  // whatever it says, the next send knows better
}

void Session::drain() {
  const std::lock_guard lock(mutex_);
  if (!open_ || cause_ != CloseCause::none) return;
  cause_ = CloseCause::drained;
  // On Linux receive still returns what is queued, and end of file only then.
  ::shutdown(connection_.socket.get(), SHUT_RD);
}

bool Session::reset() {
  const std::lock_guard lock(mutex_);
  if (!open_) return false;
  if (cause_ == CloseCause::none) cause_ = CloseCause::drained;
  abort_ = true;
  ::shutdown(connection_.socket.get(), SHUT_RDWR);
  return true;
}

void Session::close_when_idle() {
  const std::lock_guard lock(mutex_);
  if (!open_ || cause_ != CloseCause::none) return;
  // A peer that takes its bytes slowly moves the queue between two calls of ours, and after the
  // process was stopped bytes may lie there that no worker has had the time to receive.
  const Queues now = queues();
  if (now != std::exchange(queues_seen_, now)) progress();
  const auto due = last_progress_.load(std::memory_order_relaxed) + limits_.idle_timeout;
  if (Clock::now() < due) return idle_timer_.start_at(due);
  cause_ = CloseCause::idle;
  // Who has taken nothing for so long will not take the rest either.
  abort_ = now.unsent > 0;
  ::shutdown(connection_.socket.get(), abort_ ? SHUT_RDWR : SHUT_RD);
}

void Session::close() {
  const std::lock_guard lock(mutex_);
  if (cause_ == CloseCause::none) cause_ = echo_.cause();
  // Bytes that were received but can't be sent must not look like a regular end.
  if (abort_ || echo_.has_pending()) {
    const linger reset_at_close{1, 0};
    ::setsockopt(connection_.socket.get(), SOL_SOCKET, SO_LINGER, &reset_at_close,
                 sizeof reset_at_close);
  }
  open_ = false;
  connection_.socket = Descriptor();
}

void Session::log_closed() const {
  const bool by_client = cause_ == CloseCause::peer_closed || cause_ == CloseCause::peer_reset;
  const std::chrono::duration<double> lasted = Clock::now() - started_;
  log_event(by_client ? Level::debug : Level::info, "closed",
            "client {client} closed: {cause}, in={in} out={out}, lasted {lasted_s:.3f} s",
            {{"client", number()},
             {"cause", std::string(name(cause_))},
             {"in", received()},
             {"out", sent()},
             {"lasted_s", lasted.count()}});
}

bool Session::silent_since(Clock::time_point when) const {
  return last_progress_.load(std::memory_order_relaxed) <= when;
}

Session::Queues Session::queues() const {
  Queues result;
  ::ioctl(connection_.socket.get(), SIOCINQ, &result.unread);
  ::ioctl(connection_.socket.get(), SIOCOUTQ, &result.unsent);
  return result;
}

}  // namespace echo
