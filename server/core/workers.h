#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>

#include "common/descriptor.h"
#include "common/thread.h"
#include "common/timers.h"
#include "server/core/session.h"
#include "server/core/sessions.h"
#include "server/core/stacks.h"

namespace echo {

// The worker threads: each runs one session at a time, then parks until it is handed the next.
// One that has been parked for long retires. The most recently parked is the first to be reused.
// Thread rule: one thread hands over; the counts may be read by any.
class Workers {
 public:
  // Each thread has a stack of so many bytes.
  Workers(Sessions& sessions, Timers& timers, const SessionLimits& limits, std::size_t stack_size);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  ~Workers() { stop(); }

  // Gives the connection to a parked worker or to a new one. Where no thread can be made it throws
  // std::system_error and leaves the connection as it was.
  void hand_over(Connection& connection);

  struct Counts {
    std::size_t busy = 0;
    std::size_t parked = 0;
    std::uint64_t created = 0;  // since the start
    std::uint64_t failed = 0;   // threads that could not be made
  };
  Counts counts() const;

  // Takes effect for the connections that are handed over from now on. Any thread.
  void set_limits(const SessionLimits& limits);

  // Waits until every worker is done; their sessions must have been told to end.
  void stop();

  // Readable as soon as no worker is busy. Only after the last hand_over.
  int idle_descriptor();

 private:
  struct Worker {
    std::condition_variable handed;        // with mutex_
    std::optional<Connection> connection;  // guarded by mutex_ while parked, else the worker's
    SessionLimits limits;                  // of the connection, likewise
    std::list<Worker>::iterator self;      // its place in one of the lists
    Stacks::Stack stack;
    std::optional<Thread> thread;  // last: joined before the rest is destroyed
  };

  void start_worker(std::unique_lock<std::mutex>& lock, Connection& connection);
  void work(Worker& worker);
  void serve(Connection connection, const SessionLimits& limits) noexcept;
  bool park(std::unique_lock<std::mutex>& lock, Worker& worker, Admission::Ticket ticket);

  Sessions& sessions_;
  Timers& timers_;
  SpinPermits spin_permits_{SpinPermits::of_this_process()};
  Stacks stacks_;
  std::mutex handing_over_;   // held until a hand-over is complete; taken before mutex_
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable all_finished_;
  std::list<Worker> busy_;
  std::list<Worker> parked_;    // the most recently parked first
  std::list<Worker> finished_;  // their threads are about to end; the next to finish joins them
  std::uint64_t started_ = 0;
  std::uint64_t failed_ = 0;
  WakeEvent idle_;
  bool idle_watched_ = false;
  SessionLimits limits_;
  bool stop_ = false;
};

}  // namespace echo
