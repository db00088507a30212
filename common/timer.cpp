#include "common/timer.h"

#include <stdexcept>
#include <utility>

namespace echo {

Timer::Timer(Timers& timers, Clock::duration delay, std::function<void()> callback, Mode mode)
    : timers_(timers), delay_(delay), callback_(std::move(callback)), mode_(mode) {
  if (mode == Mode::repeating && delay <= Clock::duration::zero()) {
    throw std::invalid_argument("a repeating timer needs a positive delay");
  }
  const std::lock_guard lock(timers_.mutex_);
  Timers::Queue one(&timers_.nodes_);
  node_ = one.extract(one.emplace(Clock::time_point{}, this));
}

Timer::~Timer() {
  std::unique_lock lock(timers_.mutex_);
  cancel(lock);
  node_ = {};
}

void Timer::start() {
  start_at(Clock::now() + delay_);
}

void Timer::start_at(Clock::time_point due) {
  const std::lock_guard lock(timers_.mutex_);
  if (cancelling_ > 0) return;
  started_ = true;
  enqueue(due);
}

void Timer::cancel() {
  std::unique_lock lock(timers_.mutex_);
  cancel(lock);
}

void Timer::cancel(std::unique_lock<std::mutex>& lock) {
  started_ = false;
  if (node_.empty()) node_ = timers_.queue_.extract(position_);
  if (timers_.running_ != this || Thread::current_number() == timers_.thread_.number()) return;
  ++cancelling_;
  timers_.returned_.wait(lock, [this] { return timers_.running_ != this; });
  --cancelling_;
}

void Timer::repeat(Clock::time_point now) {
  const bool already_queued = node_.empty();
  if (mode_ != Mode::repeating || !started_ || already_queued) return;
  const Clock::time_point due = node_.key();
  const auto beats = now < due + delay_ ? 1 : (now - due) / delay_ + 1;
  enqueue(due + beats * delay_);
}

void Timer::enqueue(Clock::time_point due) {
  if (node_.empty()) node_ = timers_.queue_.extract(position_);
  node_.key() = due;
  position_ = timers_.queue_.insert(std::move(node_));
  if (position_ == timers_.queue_.begin()) timers_.changed_.notify_one();
}

}  // namespace echo
