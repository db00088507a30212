#include "client/load/schedule.h"

#include <algorithm>
#include <cmath>

#include "client/results/durations.h"

namespace echo::load {
namespace {

using std::chrono::nanoseconds;

constexpr double kLatest = 6e9;  // seconds; nanoseconds in 64 bits end after 9.2e9

}  // namespace

Schedule::Schedule(double rate, std::uint64_t connections, nanoseconds ramp_up, SteadyTime start)
    : rate_(rate), connections_(connections), ramp_up_(ramp_up), start_(start) {}

// Whole seconds apart from the rest: a double then holds each to the nanosecond, for years.
SteadyTime Schedule::due(std::uint64_t number) const {
  const auto all = static_cast<double>(number);
  const double whole = std::floor(all / rate_);
  if (whole > kLatest) return start_ + std::chrono::seconds(static_cast<std::int64_t>(kLatest));
  const double rest = (all - whole * rate_) / rate_;
  return start_ + std::chrono::seconds(static_cast<std::int64_t>(whole)) +
         nanoseconds(static_cast<std::int64_t>(rest * 1e9));
}

std::uint64_t Schedule::first_number(SteadyTime time) const {
  if (time <= start_) return 0;
  const double since = std::chrono::duration<double>(time - start_).count();
  // Rounding can make this one too many, so begin a little lower and look.
  const double estimate = std::floor(since * rate_) - 1;
  auto number = estimate > 0 ? static_cast<std::uint64_t>(estimate) : 0;
  while (due(number) < time) ++number;
  return number;
}

std::uint64_t Schedule::first_message(std::uint64_t connection, std::uint64_t number) const {
  return number <= connection ? 0 : (number - connection + connections_ - 1) / connections_;
}

SteadyTime Schedule::joins(std::uint64_t connection) const {
  const auto part = static_cast<double>(connection) / static_cast<double>(connections_);
  return start_ +
         nanoseconds(static_cast<std::int64_t>(part * static_cast<double>(ramp_up_.count())));
}

// Each time of a schedule is cut to a nanosecond, and a part of a rate is rarely a number that a
// double holds. Without the nanosecond a message that is due at the very end would be one too many.
nanoseconds stagger(double rate, std::uint64_t part, std::uint64_t parts) {
  constexpr double kLongest = 3e9;  // seconds; a century can be added to any time
  if (rate <= 0 || parts == 1) return nanoseconds::zero();
  const double turns = static_cast<double>(part) / static_cast<double>(parts);
  return from_seconds(std::min(turns / rate, kLongest)) + nanoseconds(1);
}

}  // namespace echo::load
