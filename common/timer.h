#pragma once

#include <functional>

#include "common/timers.h"

namespace echo {

// Calls a function after a delay, once or again and again: Timer(timers, 10s, hello).start().
// A repeating Timer keeps its beat without drift and leaves out beats that it is too late for.
// Thread rule: start and cancel from any thread, the callback runs on the Timers' thread and must
// not block. A Timer must not be destroyed by its own callback.
class Timer {
 public:
  using Clock = Timers::Clock;
  enum class Mode { once, repeating };

  // Throws std::invalid_argument for a repeating Timer whose delay is not positive.
  Timer(Timers& timers, Clock::duration delay, std::function<void()> callback,
        Mode mode = Mode::once);
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer();

  // Due one delay from now; a Timer that was already started begins anew.
  void start();

  // Due at the given time; in a callback the way to sleep for the rest.
  void start_at(Clock::time_point due);

  // When it returns the callback is not running and never will, unless start is called later; so
  // the caller must hold no lock that the callback takes. From its own callback it only prevents
  // the next call.
  void cancel();

 private:
  friend class Timers;
  void cancel(std::unique_lock<std::mutex>& lock);
  void repeat(Clock::time_point now);
  void enqueue(Clock::time_point due);

  Timers& timers_;
  const Clock::duration delay_;
  const std::function<void()> callback_;
  const Mode mode_;

  // Guarded by timers_.mutex_.
  Timers::Queue::node_type node_;       // the queue's node while the Timer is not in the queue
  Timers::Queue::iterator position_{};  // where it is while it is in the queue
  bool started_ = false;
  int cancelling_ = 0;  // cancel calls that wait for the callback; start has no effect meanwhile
};

}  // namespace echo
