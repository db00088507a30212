#include "client/load/interval_queue.h"

#include <utility>

namespace echo::load {
namespace {

constexpr int kSpare = 3;  // beside the one that the generator fills

}  // namespace

IntervalQueue::IntervalQueue(WakeEvent& news) : news_(news) {
  for (int i = 0; i < kSpare; ++i) spare_.push_back(std::make_unique<GeneratorInterval>());
}

std::unique_ptr<GeneratorInterval> IntervalQueue::publish(
    std::unique_ptr<GeneratorInterval> interval) {
  std::unique_ptr<GeneratorInterval> next;
  {
    const MutexLock lock(mutex_);
    if (!interval->is_final) {
      if (spare_.empty()) return interval;
      next = std::move(spare_.back());
      spare_.pop_back();
    }
    published_.push_back(std::move(interval));
  }
  news_.signal();
  return next;
}

std::unique_ptr<GeneratorInterval> IntervalQueue::take() {
  const MutexLock lock(mutex_);
  if (published_.empty()) return nullptr;
  auto interval = std::move(published_.front());
  published_.pop_front();
  return interval;
}

void IntervalQueue::give_back(std::unique_ptr<GeneratorInterval> interval) {
  interval->clear();
  const MutexLock lock(mutex_);
  spare_.push_back(std::move(interval));
}

}  // namespace echo::load
