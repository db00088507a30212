#include "server/core/session.h"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <utility>

#include "common/logging.h"
#include "server/core/stats.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// recv(2) and send(2) themselves: Asio's calls would poll without limit where these say EAGAIN.
// Receiving blocks and is ended by shutdown(2). Sending never blocks, so that a peer that takes
// its bytes slowly can be told from one that takes none.
struct Stream {
  int socket;
  Spin& spin;

  ssize_t receive(std::span<std::byte> space) const {
    return spin([&](int flags) { return ::recv(socket, space.data(), space.size(), flags); });
  }
  ssize_t send(std::span<const std::byte> bytes) const {
    return ::send(socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
};

}  // namespace

Session::Session(Connection connection, const SessionLimits& limits, Timers& timers,
                 SpinPermits& permits)
    : connection_(std::move(connection)), limits_(limits), spin_(permits, limits.spin) {
  if (limits_.idle_timeout > 0ns) {
    idle_timer_.emplace(timers, limits_.idle_timeout, [this] { close_when_idle(); });
  }
  if (limits_.max_lifetime > 0ns) {
    lifetime_timer_.emplace(timers, limits_.max_lifetime, [this] { end_lifetime(); });
  }
}

CloseCause Session::run(Stats& stats) {
  stats.record_hand_over(started_ - connection_.accepted);
  log_event(Level::debug, "connected", "client {client} connected from {address}",
            {{"client", number()}, {"address", connection_.peer}});
  prepare_socket();
  if (idle_timer_) idle_timer_->start();
  if (lifetime_timer_) lifetime_timer_->start();
  echo_until_end(stats);
  close();
  log_closed();
  return cause_;
}

// A unix socket refuses these and needs none of them.
void Session::prepare_socket() const {
  const auto set = [this](int level, int option, int value) {
    ::setsockopt(connection_.socket.get(), level, option, &value, sizeof value);
  };
  // An echo answers at once; waiting to fill a segment would cost 40 ms against a delayed ACK.
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  // A peer that vanished is noticed after two minutes although nothing is to be sent.
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(IPPROTO_TCP, TCP_KEEPCNT, 6);
  // For bytes that the kernel holds while the worker already waits for the next ones: tcp(7).
  const auto ms = std::chrono::ceil<milliseconds>(limits_.write_timeout).count();
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(std::min<std::int64_t>(ms, INT_MAX)));
}

void Session::echo_until_end(Stats& stats) {
  Stream stream{connection_.socket.get(), spin_};
  // Before the loop, so that the loop has nothing to do with it.
  Echo::Next next = echo_.step(stream);
  if (received() > 0) stats.record_first_read(Clock::now() - connection_.accepted);
  std::uint64_t moved = 0;
  bool streaming = false;
  for (; next != Echo::Next::end; next = echo_.step(stream)) {
    if (std::exchange(moved, received() + sent()) != received() + sent()) progress();
    if (std::exchange(streaming, echo_.is_streaming()) != streaming) limit_silence(streaming);
    if (next == Echo::Next::send && !wait_until_writable()) return;
  }
}

// Has a receive of a stream end with EAGAIN after a while, so that the large buffer is given back.
void Session::limit_silence(bool streaming) const {
  const timeval limit{.tv_sec = streaming ? 1 : 0, .tv_usec = 0};  // 0 is for ever: socket(7)
  ::setsockopt(connection_.socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

// False when the peer has taken nothing for the write timeout. poll(2) calls a socket writable only
// when a third of its buffer is free, which a slow peer may need minutes for; so the queue is
// watched for every byte that the peer takes.
bool Session::wait_until_writable() {
  const auto look = std::clamp<nanoseconds>(limits_.write_timeout / 4, 10ms, 500ms);
  pollfd socket{connection_.socket.get(), POLLOUT, 0};
  Clock::time_point taken = Clock::now();
  int unsent = queues().unsent;
  while (::poll(&socket, 1, static_cast<int>(look / 1ms)) == 0) {
    const int still_unsent = queues().unsent;
    if (std::exchange(unsent, still_unsent) != still_unsent) {
      progress();
      taken = Clock::now();
    } else if (limits_.write_timeout > 0ns && Clock::now() - taken >= limits_.write_timeout) {
      const std::lock_guard lock(mutex_);
      if (cause_ == CloseCause::none) cause_ = CloseCause::stalled;
      return false;
    }
  }
  return true;
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
  if (Clock::now() < due) return idle_timer_->start_at(due);
  cause_ = CloseCause::idle;
  // Who has taken nothing for so long will not take the rest either.
  abort_ = now.unsent > 0;
  ::shutdown(connection_.socket.get(), abort_ ? SHUT_RDWR : SHUT_RD);
}

void Session::end_lifetime() {
  const std::lock_guard lock(mutex_);
  if (!open_) return;
  if (cause_ == CloseCause::none) {
    cause_ = CloseCause::lifetime;
    ::shutdown(connection_.socket.get(), SHUT_RD);
    // A peer that goes on sending would be echoed on and on.
    return lifetime_timer_->start_at(Clock::now() + 1s);
  }
  if (cause_ != CloseCause::lifetime) return;  // it ends already, in a way of its own
  abort_ = true;
  ::shutdown(connection_.socket.get(), SHUT_RDWR);
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
  log_event(by_client ? Level::debug : Level::info, "closed", kClosedText,
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
