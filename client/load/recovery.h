#pragma once

#include <chrono>
#include <optional>

#include "client/results/plan.h"
#include "client/results/result.h"

namespace echo::load {

// Whether a server has got over a trial that was too much for it. When a run is over, every message
// of it has had its answer or its timeout, and its connections are closed; but what the server had
// taken in may still be in its queues, where only an answer to another message can show that all
// before it is done. So a probe sends a few, one at a time and on a new connection: it is no load
// of its own, and its answers are late while there is a queue.
LoadPlan probe_plan(const LoadPlan& plan);

// `usual` is the median latency at a rate that was met; without it any answer will do.
bool has_recovered(const Result& probe, std::optional<std::chrono::nanoseconds> usual);

}  // namespace echo::load
