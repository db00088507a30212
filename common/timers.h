#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory_resource>
#include <mutex>

#include "common/latency_histogram.h"
#include "common/thread.h"

namespace echo {

class Timer;

// The thread that runs the callback of every Timer made on it, in the order of their deadlines.
// Starting and cancelling cost O(log n) of n started timers and allocate nothing.
// Owner: whoever owns the timers' owners; every Timer must be gone before its Timers.
class Timers {
 public:
  using Clock = std::chrono::steady_clock;

  Timers();
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;
  ~Timers();

  // By how much callbacks were called too late. Any thread.
  LatencyHistogram::Snapshot lateness() const { return lateness_.snapshot(); }

 private:
  friend class Timer;
  using Queue = std::pmr::multimap<Clock::time_point, Timer*>;

  void run();
  void call(std::unique_lock<std::mutex>& lock, Timer& timer);

  LatencyHistogram lateness_;
  std::mutex mutex_;                  // guards all below and the private state of every Timer
  std::condition_variable changed_;   // an earlier first deadline, or stop
  std::condition_variable returned_;  // a callback has returned
  // Of the queue, and of Timers that are not in it: a thread that makes one has no need of malloc.
  std::pmr::unsynchronized_pool_resource nodes_;
  Queue queue_{&nodes_};
  Timer* running_ = nullptr;  // whose callback runs now
  bool stop_ = false;
  Thread thread_;
};

}  // namespace echo
