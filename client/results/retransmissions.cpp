#include "client/results/retransmissions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "client/results/durations.h"
#include "client/results/text.h"

namespace echo {
namespace {

using std::chrono::nanoseconds;

// TCP_RTO_MIN of Linux, 200 ms, less a tick of its slowest clock.
constexpr std::chrono::milliseconds kLeastTimeout{190};

// How many messages one retransmission can make so late: those that are outstanding on its
// connection, or that become due on it in the time.
double held_back(const Result& result, nanoseconds time) {
  const auto outstanding = static_cast<double>(result.plan.pipeline);
  if (!result.open_loop()) return outstanding;
  const auto connections = static_cast<double>(std::max<std::uint64_t>(result.plan.connections, 1));
  return std::max(outstanding, 1 + result.asked_rate / connections * seconds(time));
}

bool is_accounted_for(const Result& result, double percentile) {
  const Histogram& latency = result.histogram(Metric::latency);
  const nanoseconds time = latency.percentile(percentile);
  if (time < latency.percentile(50) + kLeastTimeout) return false;
  const double late = std::floor(static_cast<double>(latency.count()) * (100 - percentile) / 100);
  const auto retransmissions = static_cast<double>(result.tcp->retransmissions);
  return late <= retransmissions * held_back(result, time);
}

}  // namespace

std::string retransmission_line(const Result& result) {
  if (!result.tcp || result.tcp->retransmissions == 0) return {};
  Percentiles percentiles = result.plan.percentiles;
  std::ranges::sort(percentiles);
  const auto found = std::ranges::find_if(
      percentiles, [&](double percentile) { return is_accounted_for(result, percentile); });
  if (found == percentiles.end()) return {};
  return fmt::format("p{} is {}: {} on {} of {}", percentile_text(*found),
                     short_text(result.histogram(Metric::latency).percentile(*found)),
                     counted(result.tcp->retransmissions, "retransmission"),
                     grouped(result.tcp->affected), counted(result.tcp->connections, "connection"));
}

}  // namespace echo
