#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "common/address.h"
#include "common/close_cause.h"
#include "common/descriptor.h"
#include "common/mutex.h"
#include "common/timer.h"
#include "server/core/admission.h"
#include "server/core/connection_log.h"
#include "server/core/echo.h"
#include "server/core/session_rules.h"
#include "server/core/stats.h"

namespace echo {

// An accepted connection on its way to a worker.
struct AcceptedConnection {
  std::uint64_t number = 0;  // the N of "client N"
  Descriptor socket;
  std::string peer;  // its address as text
  Admission::Ticket ticket{};
  std::chrono::steady_clock::time_point accepted = std::chrono::steady_clock::now();
};

// One connection from hand-over to close: its Echo, its limits, and why it ended.
// Owner: the worker that drives it, the only thread that closes the socket: begin(), advance()
// until it says `end`, finish(). Any other thread may only shut the socket down for receiving,
// under mutex_ and while it is open. That wakes up the worker, and no FIN goes out that would make
// lost bytes look like a regular end.
class Session {
 public:
  using Clock = std::chrono::steady_clock;

  // The buffer outlives the session.
  Session(AcceptedConnection connection, const SessionLimits& limits, Buffer& buffer,
          TimerThread& timers, Stats& stats);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void begin();

  // One step of the echo, and what the next one waits for; `send` also for the kernel to have sent
  // everything.
  template <typename Stream>
  Echo::Next advance(Stream& stream);

  // After each step on a buffer that other sessions share. Throws std::bad_alloc.
  void keep_pending() { echo_.keep_pending(); }

  // Gives the place in the server to another client, before this one sees the end.
  void release_ticket() { connection_.ticket.release(); }

  // Closes the connection.
  ClosedConnection finish();

  int socket() const { return connection_.socket.get(); }

  // Any thread: what was received is still echoed, then FIN. Bytes that arrive later meet a reset.
  void drain();

  // Any thread: ends the connection at once with a reset.
  void reset();

  // Any thread.
  std::uint64_t number() const { return connection_.number; }
  std::uint64_t received() const { return echo_.received(); }
  std::uint64_t sent() const { return echo_.sent(); }
  bool silent_since(Clock::time_point when) const;
  // Whether this side has ended it with a reset, or will: bytes may be lost.
  bool is_forced() const;
  // Set when the worker must not wait for the peer any longer.
  const std::atomic<bool>& is_ended() const { return ended_; }

 private:
  // How the connection ends, once that is decided.
  struct End {
    CloseCause cause = CloseCause::none;
    bool open = true;
    bool reset = false;                     // close with a reset
    std::optional<Clock::time_point> by{};  // if it is open still, it is reset
  };

  // After the end of what the client sends: whether the kernel still holds bytes that it could not
  // send, and may yet. Closed now, the connection would keep that memory and no place would be
  // taken for it.
  bool must_wait_for_kernel();
  void mark_progress();
  void watch();
  void look();
  void end_as(CloseCause cause, const Flow& flow) REQUIRES(mutex_);
  void end_now(CloseCause cause) REQUIRES(mutex_);

  // First what each step uses: with 10,000 connections every line of it is a cache miss.
  Echo echo_;
  const Clock::time_point started_ = Clock::now();
  std::atomic<Clock::time_point> last_progress_{started_};
  std::atomic<bool> watched_{true};  // the timer looks again soon
  std::atomic<bool> ended_{false};

  AcceptedConnection connection_;
  Stats& stats_;
  mutable Mutex mutex_;
  End end_ GUARDED_BY(mutex_);
  SessionRules rules_ GUARDED_BY(mutex_);

  std::optional<Timer> timer_;  // last: its callback uses all of the above
};

template <typename Stream>
Echo::Next Session::advance(Stream& stream) {
  const std::uint64_t before = received() + sent();
  const Echo::Next next = echo_.step(stream);
  if (received() + sent() != before) {
    mark_progress();
    if (before == 0) stats_.record_first_read(Clock::now() - connection_.accepted);
  }
  if (ended_.load(std::memory_order_relaxed)) return Echo::Next::end;
  return next == Echo::Next::end && must_wait_for_kernel() ? Echo::Next::send : next;
}

// In one order with what the timer does, so that either it sees the progress or this sees that
// nobody watches.
inline void Session::mark_progress() {
  last_progress_.store(Clock::now());
  if (!watched_.load()) watch();
}

}  // namespace echo
