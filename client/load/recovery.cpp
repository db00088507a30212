#include "client/load/recovery.h"

#include <algorithm>

#include "client/results/durations.h"

namespace echo::load {
namespace {

using namespace std::chrono_literals;

// Enough for a median.
constexpr double kProbesPerSecond = 20;
constexpr nanoseconds kProbeDuration = 250ms;
constexpr nanoseconds kProbePatience = 1s;

constexpr double kSlower = 2;
constexpr nanoseconds kSlack = 1ms;  // a queue that is shorter disturbs no trial

}  // namespace

LoadPlan probe_plan(const LoadPlan& plan) {
  LoadPlan probe = plan;
  probe.connections = probe.pipeline = probe.threads = 1;
  probe.rate = kProbesPerSecond;
  probe.duration = kProbeDuration;
  probe.messages_per_connection = 0;
  probe.ramp_up = probe.warmup = 0ns;
  probe.timeout = std::min(plan.timeout, kProbePatience);
  probe.connect_timeout = std::min(plan.connect_timeout, kProbePatience);
  probe.quiet = true;
  return probe;
}

bool has_recovered(const Result& probe, std::optional<nanoseconds> usual) {
  if (probe.counters.messages.echoed == 0 || failures(probe.counters) > 0) return false;
  const double median = seconds(probe.latency_without_echoc.percentile(50));
  return !usual || median <= kSlower * seconds(*usual) + seconds(kSlack);
}

}  // namespace echo::load
