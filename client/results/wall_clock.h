#pragma once

#include <chrono>
#include <string>

namespace echo {

// "2026-11-26T20:00:00.500Z", to the millisecond.
std::string rfc3339(std::chrono::system_clock::time_point time);

}  // namespace echo
