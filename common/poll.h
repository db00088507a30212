#pragma once

#include <poll.h>

#include <chrono>
#include <span>

namespace echo {

using SteadyTime = std::chrono::steady_clock::time_point;

// A deadline that never comes.
inline constexpr SteadyTime kNever = SteadyTime::max();

// poll(2) with a deadline in place of a timeout, so that EINTR costs nothing: true when something
// is ready, false when the time has come. Entries with a negative descriptor are left out.
// Throws std::system_error.
bool poll_until(std::span<pollfd> entries, SteadyTime deadline);

}  // namespace echo
