#pragma once

#include <cstdint>

#include "client/results/metric.h"
#include "client/results/objective.h"
#include "client/results/result.h"

namespace echo {

// How many have no time of that metric because they failed, and what to say of them.
struct Missing {
  std::uint64_t count = 0;
  const char* fate = "";
};
Missing missing(Metric metric, const Counters& counters);

// What is not in a histogram because it failed ranks above every limit: for connect. connections
// that could not be made, else messages without a right answer. No objective is met by a percentile
// or maximum among them, nor by a run in which nothing was measured.
Verdict judge(const Objective& objective, const Result& result);

// Judges all objectives of the plan anew; of several targets each over all its rounds.
void judge_all(Result& result);

// What the process should end with, most serious first: corrupt bytes, an interruption, failures, a
// missed objective. An objective on errors replaces the judgement of failures. Of several targets:
// the most serious of all runs.
int exit_status(const Result& result);

}  // namespace echo
