#pragma once

#include <chrono>

#include "common/poll.h"

namespace echo::testing {

// Where the made time of a rule's test begins: such a test never asks the clock.
inline constexpr SteadyTime kStart(std::chrono::hours(1));
inline constexpr std::chrono::system_clock::time_point kWallStart(
    std::chrono::seconds(1'700'000'000));

}  // namespace echo::testing
