#pragma once

#include <thread>

#include "tests/support/deadline.h"

namespace echo::testing {

// Waits for a condition that no call can wait for; false only when it hangs.
template <typename Condition>
bool eventually(Condition condition) {
  const auto deadline = hang_deadline();
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace echo::testing
