#pragma once

#include <atomic>
#include <chrono>

namespace echo {

// What became of the last attempt to read the configuration. Owner: main. Thread rule: main's
// thread notes, any reads.
class ReloadState {
 public:
  using Clock = std::chrono::system_clock;

  void succeeded() {
    time_.store(Clock::now());
    success_.store(true);
  }
  void failed() { success_.store(false); }

  bool success() const { return success_.load(); }

  // Of the configuration that is in force: when it was read.
  Clock::time_point time() const { return time_.load(); }

 private:
  std::atomic<bool> success_{true};  // there is no process without a first configuration
  std::atomic<Clock::time_point> time_{Clock::now()};
};

}  // namespace echo
