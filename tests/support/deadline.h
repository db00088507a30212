#pragma once

#include <chrono>

namespace echo::testing {

// How long a helper waits for what must come. It only ends what hangs: no result depends on it.
inline constexpr std::chrono::seconds kHangLimit{100};

inline std::chrono::steady_clock::time_point hang_deadline() {
  return std::chrono::steady_clock::now() + kHangLimit;
}

}  // namespace echo::testing
