#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <string_view>

#include "common/log_limit.h"
#include "common/mutex.h"
#include "common/thread.h"
#include "common/timer.h"
#include "server/core/session.h"
#include "server/core/session_driver.h"
#include "server/core/socket_stream.h"
#include "server/core/stack_pool.h"

namespace echo {

// The worker threads. Each is in one of four states, and in the list of that name:
//
//   busy       serves a connection
//   finishing  its connection ends and has given its place to another client, which it may be
//              handed already
//   parked     waits for the next connection; the most recently parked is the first to be reused
//   finished   was parked for long; the thread ends, and counts until it is joined
//
// busy -> finishing -> parked -> busy or finished; finishing -> busy if it is handed a connection.
// A thread is made only when nobody is finishing or parked and all that are finished are joined, so
// there are never more threads than connections are allowed.
// Thread rule: one thread hands over; the counts may be read by any.
class Workers final : public SessionDriver {
 public:
  // Each thread has a stack of `stack_size` bytes.
  Workers(SessionRegistry& sessions, TimerThread& timers, const SessionLimits& limits,
          std::size_t stack_size);
  ~Workers() override { stop(); }

  // Gives the connection to a worker without one or to a new one. If no thread can be made now, the
  // connection waits until a worker is free or a thread can be made, and keeps its admission from
  // letting in others. If there is no other worker that could become free, throws
  // std::system_error or std::bad_alloc and leaves the connection as it was.
  void hand_over(AcceptedConnection& connection) override;

  Counts counts() const override;
  void stop() override;

 private:
  struct Worker {
    Condition handed;                              // with mutex_
    std::optional<AcceptedConnection> connection;  // the next one; guarded by mutex_
    SessionLimits limits;                          // for it, likewise
    std::list<Worker>::iterator self;              // its place in one of the lists
    StackPool::Stack stack;
    std::optional<Thread> thread;  // last: joined before the rest is destroyed
  };

  Worker* give_to_free_worker(AcceptedConnection& connection) REQUIRES(mutex_);
  void give(Worker& worker, AcceptedConnection& connection) REQUIRES(mutex_);
  void start_worker(AcceptedConnection& connection) REQUIRES(mutex_);
  void keep_waiting(AcceptedConnection& connection) REQUIRES(mutex_);
  void tell_of_wait(std::uint64_t client, std::string_view why) noexcept;
  void retry();
  bool join_finished(MutexLock& lock) REQUIRES(mutex_);
  void join(std::list<Worker>& ended) REQUIRES(mutex_);  // releases the lock meanwhile
  bool nobody_serves() const override REQUIRES(mutex_) {
    return busy_.empty() && finishing_.empty();
  }

  void work(Worker& worker);
  void serve(Worker& worker, AcceptedConnection connection, const SessionLimits& limits) noexcept;
  void drive(Session& session, std::chrono::nanoseconds spin);
  void leave(Worker& worker, Admission::Ticket& ticket);
  bool park(MutexLock& lock, Worker& worker) REQUIRES(mutex_);

  LogLimit no_thread_log_;
  StackPool stacks_;
  std::atomic<bool> notifying_{false};  // hand_over is about to notify a worker
  Condition joined_;                    // a thread that joined others is done with it
  Condition all_finished_;              // nobody is busy, finishing or parked
  std::list<Worker> busy_ GUARDED_BY(mutex_);
  std::list<Worker> finishing_ GUARDED_BY(mutex_);
  std::list<Worker> parked_ GUARDED_BY(mutex_);
  std::list<Worker> finished_ GUARDED_BY(mutex_);
  std::size_t joining_ GUARDED_BY(mutex_) = 0;                    // threads that join others now
  std::optional<AcceptedConnection> waiting_ GUARDED_BY(mutex_);  // for a thread
  std::size_t threads_ GUARDED_BY(mutex_) = 0;
  std::uint64_t started_ GUARDED_BY(mutex_) = 0;
  std::uint64_t failed_ GUARDED_BY(mutex_) = 0;
  Timer retry_;  // last: its callback uses all of the above
};

}  // namespace echo
