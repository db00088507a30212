#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory_resource>

#include "common/latency_histogram.h"
#include "common/log_limit.h"
#include "common/mutex.h"
#include "common/thread.h"

namespace echo {

// The thread that runs the callback of every Timer made on it, in the order of their deadlines.
// Starting and cancelling cost O(log n) for n started timers and allocate nothing.
// Owner: whoever owns the timers' owners; every Timer must be gone before its TimerThread.
class TimerThread {
 public:
  using Clock = std::chrono::steady_clock;

  // `on_failure` is called by the thread while it handles an exception that ends it. A callback's
  // is only logged.
  explicit TimerThread(std::function<void()> on_failure = {});
  TimerThread(const TimerThread&) = delete;
  TimerThread& operator=(const TimerThread&) = delete;
  ~TimerThread();

  // By how much callbacks were called too late. Any thread.
  LatencyHistogram::Snapshot lateness() const { return lateness_.snapshot(); }

 private:
  friend class Timer;
  struct Entry;
  using Queue = std::pmr::multimap<Clock::time_point, Entry*>;

  // What the thread knows of a Timer, which owns it. Guarded by mutex_ but for the constants.
  struct Entry {
    const Clock::duration delay;
    const std::function<void()> callback;
    const bool repeats;

    Queue::node_type node{};     // the queue's node while the entry is not in the queue
    Queue::iterator position{};  // its place while it is in the queue
    bool started = false;
    int cancelling = 0;  // calls of cancel that wait for the callback; no start has an effect then
  };

  // What Timer does, under the mutex. Any thread.
  void add(Entry& entry);
  void remove(Entry& entry);
  void start_at(Entry& entry, Clock::time_point due);
  void cancel(Entry& entry);

  void run();
  void loop();
  void call(const Entry& entry);
  void repeat(Entry& entry) REQUIRES(mutex_);
  void enqueue(Entry& entry, Clock::time_point due) REQUIRES(mutex_);
  void take_out(Entry& entry) REQUIRES(mutex_);
  void wait_for_callback(MutexLock& lock, Entry& entry) REQUIRES(mutex_);

  const std::function<void()> on_failure_;
  LatencyHistogram lateness_;
  LogLimit failed_;
  Mutex mutex_;
  Condition changed_;   // an earlier first deadline, or stop
  Condition returned_;  // a callback has returned
  // Nodes of the queue and of entries outside it: a thread that makes a Timer needs no malloc.
  std::pmr::unsynchronized_pool_resource nodes_ GUARDED_BY(mutex_);
  Queue queue_ GUARDED_BY(mutex_){&nodes_};
  Entry* running_ GUARDED_BY(mutex_) = nullptr;  // the one whose callback runs now
  bool stop_ GUARDED_BY(mutex_) = false;
  Thread thread_;
};

}  // namespace echo
