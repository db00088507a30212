#include "client/load/progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/results/report.h"

namespace echo::load {

std::string progress_line(const Interval& interval, std::optional<std::chrono::nanoseconds> left) {
  std::string line = fmt::format(
      "{:7.1f} s  {:>11.1f}/s  p50 {:>7}  p99 {:>7}  max {:>7}  errors {}  connections {}",
      interval.at_seconds(), interval.rate(), short_text(interval.p50), short_text(interval.p99),
      short_text(interval.max), interval.errors, interval.connections);
  if (left) {
    const double seconds = std::chrono::duration<double>(*left).count();
    line += fmt::format("  {:.0f} s left", std::max(seconds, 0.0));
  }
  return line + "\n";
}

}  // namespace echo::load
