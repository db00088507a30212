#pragma once

#include <functional>

#include "common/timer_thread.h"

namespace echo {

// Calls a function after a delay, once or again and again:
//   Timer timer(timers, 10s, hello);
//   timer.start();  // hello is called in 10 s if the timer still exists then
// A repeating Timer keeps its interval without drift and skips calls that it is too late for.
// Thread rule: start and cancel from any thread, the callback runs on the TimerThread and must
// not block. A Timer must not be destroyed by its own callback, for whose end its destructor waits.
class Timer {
 public:
  using Clock = TimerThread::Clock;
  enum class Mode { once, repeating };

  // Throws std::invalid_argument for a repeating Timer whose delay is not positive.
  Timer(TimerThread& timers, Clock::duration delay, std::function<void()> callback,
        Mode mode = Mode::once);
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { timers_.remove(entry_); }

  // Due one delay from now; a Timer that was already started begins anew.
  void start() & { start_at(Clock::now() + entry_.delay); }
  void start() && = delete;  // a temporary is destroyed, and so cancelled, before it is due

  // Due at the given time; in a callback the way to sleep for the rest.
  void start_at(Clock::time_point due) & { timers_.start_at(entry_, due); }
  void start_at(Clock::time_point due) && = delete;

  // When it returns the callback is not running and never will, unless start is called later; so
  // the caller must hold no lock that the callback takes. From its own callback it only prevents
  // the next call.
  void cancel() { timers_.cancel(entry_); }

 private:
  TimerThread& timers_;
  TimerThread::Entry entry_;
};

}  // namespace echo
