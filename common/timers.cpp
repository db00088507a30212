#include "common/timers.h"

#include <exception>

#include "common/logging.h"
#include "common/timer.h"

namespace echo {

Timers::Timers() : thread_("timers", [this] { run(); }) {}

Timers::~Timers() {
  const std::lock_guard lock(mutex_);
  stop_ = true;
  changed_.notify_one();
}

void Timers::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    if (queue_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto first = queue_.begin();
    // A copy: wait_until looks at its deadline again after another thread may have taken the node.
    const Clock::time_point due = first->first;
    const Clock::time_point now = Clock::now();
    if (now < due) {
      changed_.wait_until(lock, due);
      continue;
    }
    lateness_.record(now - due);
    Timer& timer = *first->second;
    timer.node_ = queue_.extract(first);
    call(lock, timer);
  }
}

void Timers::call(std::unique_lock<std::mutex>& lock, Timer& timer) {
  running_ = &timer;
  lock.unlock();
  try {
    timer.callback_();
  } catch (const std::exception& error) {
    log_event(Level::err, "timer_failed", "timer callback failed: {what}",
              {{"what", error.what()}});
  } catch (...) {
    log_event(Level::err, "timer_failed", "timer callback failed: exception of unknown type", {});
  }
  lock.lock();
  timer.repeat(Clock::now());
  running_ = nullptr;
  returned_.notify_all();
}

}  // namespace echo
