#pragma once

#include <poll.h>

#include <chrono>
#include <ctime>
#include <span>

namespace echo {

using SteadyTime = std::chrono::steady_clock::time_point;

// A deadline that never comes.
inline constexpr SteadyTime kNever = SteadyTime::max();

// From `now` to the deadline, for system calls that take a timeout; 0 if it has passed.
timespec time_left(SteadyTime deadline, SteadyTime now = std::chrono::steady_clock::now());

// poll(2) with a deadline instead of a timeout, so that EINTR costs nothing: true when something
// is ready, false at the deadline. Entries with a negative descriptor are ignored.
// Throws std::system_error.
bool poll_until(std::span<pollfd> entries, SteadyTime deadline);

}  // namespace echo
