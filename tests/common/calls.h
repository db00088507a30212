#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

namespace echo {

// When and by whom callbacks were called. Any thread.
class Calls {
 public:
  using Clock = std::chrono::steady_clock;
  struct Call {
    Clock::time_point time;
    int caller;
  };

  void record(int caller = 0) {
    const std::lock_guard lock(mutex_);
    calls_.push_back({Clock::now(), caller});
    changed_.notify_all();
  }

  void wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return calls_.size() >= count; });
  }

  std::vector<Call> all() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

  std::size_t size() const { return all().size(); }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Call> calls_;
};

}  // namespace echo
