#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>

namespace echo {

// Durations as numbers, for what is printed or computed with.
inline double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}
inline double microseconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}
// Rounded; as long as a duration can be if it would be longer. REQUIRES: seconds >= 0.
inline std::chrono::nanoseconds from_seconds(double seconds) {
  constexpr double kLongest = 9.2e18;
  return std::chrono::nanoseconds(std::llround(std::min(seconds * 1e9, kLongest)));
}

}  // namespace echo
