#pragma once

#include <thread>

#include "tests/support/deadline.h"

namespace echo::testing {

// Waits for a condition that no call can wait for; false when it did not come in time.
template <typename Condition>
bool eventually_within(std::chrono::steady_clock::duration time, Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + time;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

// The same for a condition that must come: the limit only ends what hangs.
template <typename Condition>
bool eventually(Condition condition) {
  return eventually_within(kHangLimit, condition);
}

}  // namespace echo::testing
