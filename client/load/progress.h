#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "client/results/result.h"

namespace echo::load {

// A live line: rate, p50, p99, errors, connections and, where the end is known, the time left.
std::string progress_line(const Interval& interval, std::optional<std::chrono::nanoseconds> left);

}  // namespace echo::load
