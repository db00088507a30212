#include "server/core/session.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>

#include "common/set_option.h"
#include "server/core/keepalive.h"

namespace echo {
namespace {

using namespace std::chrono_literals;

// How long a client may take for its last bytes once its time is over. One that goes on sending
// would else be echoed on and on.
constexpr auto kGrace = 1s;

// As much again is on its way to a client through 20 ms in a fast network; the window does not
// shrink.
constexpr int kMostUnsent = 128 * 1024;

// A unix socket refuses what belongs to TCP, and needs none of it. Returns whether it is TCP.
bool prepare(int socket, std::chrono::nanoseconds keepalive) {
  // Urgent bytes are echoed in their place: RFC 6093.
  set_option(socket, SOL_SOCKET, SO_OOBINLINE, 1);
  // An echo answers at once; waiting to fill a segment would cost 40 ms against a delayed ACK.
  const int on = 1;
  if (::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) return false;
  // Of a client that takes nothing the kernel would else keep up to 4 MiB (tcp_wmem).
  set_option(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, kMostUnsent);
  set_keepalive(socket, keepalive);
  return true;
}

}  // namespace

Session::Session(AcceptedConnection connection, const SessionLimits& limits, Buffer& buffer,
                 TimerThread& timers, Stats& stats)
    : echo_(buffer),
      connection_(std::move(connection)),
      stats_(stats),
      rules_(limits, started_, prepare(socket(), limits.keepalive)) {
  const bool any = rules_.first_look() != Clock::time_point::max();
  if (any) timer_.emplace(timers, Clock::duration::zero(), [this] { look(); });
}

void Session::begin() {
  stats_.record_hand_over(started_ - connection_.accepted);
  ConnectionLog::connected(number(), connection_.peer);
  const MutexLock lock(mutex_);
  if (timer_) timer_->start_at(rules_.first_look());
}

bool Session::must_wait_for_kernel() {
  if (echo_.cause() != CloseCause::peer_closed) return false;
  int unsent = 0;
  if (::ioctl(socket(), SIOCOUTQNSD, &unsent) != 0 || unsent == 0) return false;  // TCP alone
  // If the peer is gone, recv(2) goes on to return 0 and poll(2) to return at once.
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    echo_.connection_lost(error);
    return false;
  }
  set_option(socket(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, 1);  // room is only when all is sent
  return true;
}

void Session::watch() {
  const MutexLock lock(mutex_);
  watched_.store(true);
  if (!end_.by) timer_->start_at(rules_.look_after(Clock::now()));
}

void Session::look() {
  const MutexLock lock(mutex_);
  if (!end_.open || end_.reset) return;
  const Flow flow = flow_of(socket());
  if (end_.by && flow.seen_at >= *end_.by) return end_now(end_.cause);
  watched_.store(false);
  const SessionRules::Outcome outcome = rules_.look(flow, last_progress_.load());
  if (!outcome.quiet) watched_.store(true);
  if (outcome.cause != CloseCause::none) return end_as(outcome.cause, flow);
  timer_->start_at(end_.by ? std::min(*end_.by, outcome.next) : outcome.next);
}

// A client with nothing under way gets what it has sent, and FIN. One that has taken nothing for
// the whole timeout will not take the rest either.
void Session::end_as(CloseCause cause, const Flow& flow) {
  const bool takes_nothing =
      cause == CloseCause::stalled || (cause == CloseCause::idle && flow.unsent > 0);
  if (takes_nothing) return end_now(cause);
  if (!end_.by) end_.by = flow.seen_at + kGrace;
  if (end_.cause == CloseCause::none || end_.cause == CloseCause::drained) end_.cause = cause;
  ::shutdown(socket(), SHUT_RD);
  timer_->start_at(*end_.by);
}

void Session::end_now(CloseCause cause) {
  if (end_.cause == CloseCause::none || end_.cause == CloseCause::drained) end_.cause = cause;
  end_.reset = true;
  ended_.store(true);
  ::shutdown(socket(), SHUT_RD);
}

void Session::drain() {
  const MutexLock lock(mutex_);
  if (!end_.open) return;
  if (end_.cause == CloseCause::none) end_.cause = CloseCause::drained;
  // On Linux receive still returns what is queued, and end of file only then.
  ::shutdown(socket(), SHUT_RD);
}

void Session::reset() {
  const MutexLock lock(mutex_);
  if (end_.open) end_now(CloseCause::drained);
}

ClosedConnection Session::finish() {
  const MutexLock lock(mutex_);
  if (end_.cause == CloseCause::none) end_.cause = echo_.cause();
  // Bytes that were received but can't be sent must not look like a regular end.
  if (end_.reset || echo_.has_pending()) {
    const linger reset_at_close{1, 0};
    ::setsockopt(socket(), SOL_SOCKET, SO_LINGER, &reset_at_close, sizeof reset_at_close);
  }
  end_.open = false;
  connection_.socket.reset();
  return {.number = number(),
          .address = connection_.peer,
          .cause = end_.cause,
          .received = received(),
          .sent = sent(),
          .lasted = Clock::now() - started_};
}

bool Session::silent_since(Clock::time_point when) const {
  if (last_progress_.load(std::memory_order_relaxed) > when) return false;
  const MutexLock lock(mutex_);
  return rules_.moved() <= when;
}

bool Session::is_forced() const {
  const MutexLock lock(mutex_);
  return end_.reset;
}

}  // namespace echo
