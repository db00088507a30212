#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "client/load/generator.h"
#include "client/load/schedule.h"
#include "client/results/plan.h"
#include "client/results/result.h"

namespace echo::load {

using Generators = std::vector<std::unique_ptr<Generator>>;

// Joins the generators, adds up what they measured, and throws what ended one of them if anything
// did. The intervals, with the latencies, are there already.
void add_generators(Result& result, const Generators& generators, const Timeline& timeline);

// What was asked for. REQUIRES: that the counters are complete.
void describe_plan(Result& result, const LoadPlan& plan);

// A run that did not begin: none of its connections was made.
Result not_begun(const LoadPlan& plan, std::string why);

// A run that a signal ended before it began, or before the time at which it was to begin.
Result interrupted_before(const LoadPlan& plan);

// Why nothing was measured, if no connection was ever made: what was tried.
std::string refusal(const Generators& generators, const LoadPlan& plan);

}  // namespace echo::load
