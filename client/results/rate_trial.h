#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "client/results/found_rate.h"
#include "client/results/objective.h"
#include "client/results/result.h"

namespace echo {

// Messages per second at which answers came while messages were due, less than the rate asked for
// if the server fell behind: the slope of the answers over time, without the beginning. A server
// that takes long for each answer keeps the rate all the same. REQUIRES: a rate and a duration.
double answer_pace(const Result& result);

// Judges a run at one rate. Besides its objectives, a rate must be kept: a server that falls behind
// by a little answers in time at first. `usual` is the median service time at a rate that was met.
RateTrial judge_trial(const Result& result, const std::vector<Objective>& objectives,
                      bool confirming, std::optional<std::chrono::nanoseconds> usual);

}  // namespace echo
