#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "client/results/plan.h"
#include "client/results/result.h"

namespace echo {

// What is told before and while a load runs, in at most 78 columns.

// Until the end of the run or of a phase.
struct TimeLeft {
  enum class Kind { exact, about, at_most };

  explicit TimeLeft(std::chrono::nanoseconds left, Kind how = Kind::exact)
      : time(left), kind(how) {}
  std::string text() const;  // "35 s left", "about 35 s left", "at most 35 s left"

  std::chrono::nanoseconds time;
  Kind kind;
};

// What is about to be done: target, mode, connections, sizes, seed.
std::string run_header(const LoadPlan& plan);

// A live line: when, rate, p50, p99, maximum, errors, connections and, if the end is known, the
// time left. Of a line that would be too long the least important times are left out.
std::string progress_line(const Interval& interval, const std::optional<TimeLeft>& left);

// A live line while nothing is measured yet or any more, such as "warm-up, 35 s left".
std::string phase_line(std::string_view phase, const std::optional<TimeLeft>& left);

}  // namespace echo
