#pragma once

#include <cstddef>
#include <cstdint>

#include "common/descriptor.h"
#include "common/mutex.h"
#include "common/timer_thread.h"
#include "server/core/connection_log.h"
#include "server/core/session.h"
#include "server/core/session_registry.h"
#include "server/core/spin.h"

namespace echo {

// The threads that drive sessions: one for each connection (Workers), or a few for all of them
// (SharedWorkers). Thread rule: one thread hands over; counts and limits are for any.
class SessionDriver {
 public:
  SessionDriver(SessionRegistry& sessions, TimerThread& timers, const SessionLimits& limits)
      : sessions_(sessions), timers_(timers), limits_(limits) {}
  SessionDriver(const SessionDriver&) = delete;
  SessionDriver& operator=(const SessionDriver&) = delete;
  virtual ~SessionDriver() = default;

  // Makes the threads that it needs in any case. Throws std::system_error.
  virtual void start() {}

  // Throws std::exception and leaves the connection as it was if it cannot be served.
  virtual void hand_over(AcceptedConnection& connection) = 0;

  struct Counts {
    std::size_t busy = 0;  // threads that have a connection, be it one that ends
    std::size_t parked = 0;
    std::size_t threads = 0;    // all that are not joined
    std::uint64_t created = 0;  // since the start
    std::uint64_t failed = 0;   // attempts to make a thread
    std::size_t shared = 0;     // threads that serve many connections each
  };
  virtual Counts counts() const = 0;

  // Takes effect for the connections that are handed over from now on.
  virtual void set_limits(const SessionLimits& limits) {
    const MutexLock lock(mutex_);
    limits_ = limits;
  }

  // Waits until every session has ended, which they must have been told.
  virtual void stop() = 0;

  // After stop().
  void tell_suppressed() noexcept { log_.tell_suppressed(); }

  // Readable as soon as no session is left, once watch_idle was called after the last hand_over.
  int idle_descriptor() const { return idle_.descriptor(); }
  void watch_idle() {
    const MutexLock lock(mutex_);
    idle_watched_ = true;
    tell_if_idle();
  }

 protected:
  virtual bool nobody_serves() const REQUIRES(mutex_) = 0;
  void tell_if_idle() REQUIRES(mutex_) {
    if (idle_watched_ && nobody_serves()) idle_.signal();
  }

  // Its place must be free by now: a client that sees the end of its connection counts on that.
  void close(Session& session, SessionRegistry::Entry& entry) {
    const ClosedConnection closed = session.finish();
    entry.set_cause(closed.cause);
    log_.closed(closed);
  }

  SessionRegistry& sessions_;
  TimerThread& timers_;
  SpinPermits spin_permits_{SpinPermits::of_this_process()};
  ConnectionLog log_;
  mutable Mutex mutex_;
  SessionLimits limits_ GUARDED_BY(mutex_);
  bool stop_ GUARDED_BY(mutex_) = false;

 private:
  WakeEvent idle_;
  bool idle_watched_ GUARDED_BY(mutex_) = false;
};

}  // namespace echo
