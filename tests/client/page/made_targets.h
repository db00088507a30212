#pragma once

#include <string>
#include <utility>

#include "client/results/target_runs.h"
#include "tests/client/results/made_result.h"

namespace echo::testing {

// That many rounds in which every message took about that time.
inline TargetRuns made_target(std::string name, nanoseconds time, int rounds) {
  TargetRuns target{std::move(name), {}};
  for (int round = 0; round < rounds; ++round) {
    Result run = good_result();
    run.histogram(Metric::latency) = Histogram();
    for (int i = 0; i < 100; ++i) {
      run.histogram(Metric::latency).record(time + round * time / 100);
    }
    target.runs.push_back(std::move(run));
  }
  return target;
}

// Rounds that could not connect.
inline TargetRuns dead_target(std::string name, std::size_t rounds) {
  Result failed;
  failed.error = "no route";
  return {std::move(name), std::vector<Result>(rounds, failed)};
}

inline Result of_targets(std::vector<TargetRuns> targets) {
  return sum_of_targets(good_result().plan, std::move(targets));
}

}  // namespace echo::testing
