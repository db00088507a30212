#include "common/timer_thread.h"

#include <exception>
#include <string_view>
#include <utility>

#include "common/logging.h"

namespace echo {

TimerThread::TimerThread(std::function<void()> on_failure)
    : on_failure_(std::move(on_failure)), thread_("timers", [this] { run(); }) {}

TimerThread::~TimerThread() {
  const MutexLock lock(mutex_);
  stop_ = true;
  changed_.notify_one();
}

void TimerThread::add(Entry& entry) {
  const MutexLock lock(mutex_);
  Queue one(&nodes_);
  entry.node = one.extract(one.emplace(Clock::time_point{}, &entry));
}

void TimerThread::remove(Entry& entry) {
  MutexLock lock(mutex_);
  take_out(entry);
  wait_for_callback(lock, entry);
  entry.node = {};
}

void TimerThread::start_at(Entry& entry, Clock::time_point due) {
  const MutexLock lock(mutex_);
  if (entry.cancelling > 0) return;
  entry.started = true;
  enqueue(entry, due);
}

void TimerThread::cancel(Entry& entry) {
  MutexLock lock(mutex_);
  take_out(entry);
  wait_for_callback(lock, entry);
}

void TimerThread::take_out(Entry& entry) {
  entry.started = false;
  if (entry.node.empty()) entry.node = queue_.extract(entry.position);
}

// A callback that cancels its own Timer would wait for itself.
void TimerThread::wait_for_callback(MutexLock& lock, Entry& entry) {
  if (running_ != &entry || Thread::current_number() == thread_.number()) return;
  ++entry.cancelling;
  while (running_ == &entry) returned_.wait(lock);
  --entry.cancelling;
}

void TimerThread::run() try { loop(); } catch (...) {
  {
    // A Timer::cancel that waits for this callback must not wait for ever.
    const MutexLock lock(mutex_);
    running_ = nullptr;
    returned_.notify_all();
  }
  if (on_failure_) on_failure_();
  throw;
}

void TimerThread::loop() {
  MutexLock lock(mutex_);
  while (!stop_) {
    if (queue_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto first = queue_.begin();
    // A copy: wait_until reads its deadline again after another thread may have taken the node.
    const Clock::time_point due = first->first;
    const Clock::time_point now = Clock::now();
    if (now < due) {
      changed_.wait_until(lock, due);
      continue;
    }
    lateness_.record(now - due);
    Entry& entry = *first->second;
    entry.node = queue_.extract(first);
    running_ = &entry;
    lock.unlock();
    call(entry);
    lock.lock();
    repeat(entry);
    running_ = nullptr;
    returned_.notify_all();
  }
}

// The log lines are limited, because each client has timers, and all of them fail while there is no
// memory.
void TimerThread::call(const Entry& entry) {
  constexpr std::string_view kFailed = "timer callback failed: {what}";
  try {
    entry.callback();
  } catch (const std::exception& error) {
    failed_.log(Level::err, "timer_failed", kFailed, error.what());
  } catch (...) {
    failed_.log(Level::err, "timer_failed", kFailed, "exception of unknown type");
  }
}

void TimerThread::repeat(Entry& entry) {
  const bool already_queued = entry.node.empty();
  if (!entry.repeats || !entry.started || already_queued) return;
  const Clock::time_point now = Clock::now();
  const Clock::time_point due = entry.node.key();
  const auto intervals = now < due + entry.delay ? 1 : (now - due) / entry.delay + 1;
  enqueue(entry, due + intervals * entry.delay);
}

void TimerThread::enqueue(Entry& entry, Clock::time_point due) {
  if (entry.node.empty()) entry.node = queue_.extract(entry.position);
  entry.node.key() = due;
  entry.position = queue_.insert(std::move(entry.node));
  if (entry.position == queue_.begin()) changed_.notify_one();
}

}  // namespace echo
