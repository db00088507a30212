#pragma once

#include <chrono>
#include <optional>

namespace echo::load {

using WallTime = std::chrono::system_clock::time_point;

// From now until then; 0 if that has passed or there is no such time.
std::chrono::nanoseconds time_until(const std::optional<WallTime>& start);

// Waits for a moment of the wall clock, whatever that is set to meanwhile. False if `stop` became
// readable first. Throws std::system_error.
bool wait_until(WallTime start, int stop);

}  // namespace echo::load
