#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "client/results/found_rate.h"
#include "client/results/objective.h"
#include "client/results/result.h"

namespace echo {

// Judges a run at one rate. Besides its objectives, a rate must be kept: a server that falls behind
// by a little answers in time at first. `usual` is the median service time at a rate that was met.
RateTrial judge_trial(const Result& result, const std::vector<Objective>& objectives,
                      bool confirming, std::optional<std::chrono::nanoseconds> usual);

}  // namespace echo
