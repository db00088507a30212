#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "client/results/plan.h"
#include "client/results/share.h"
#include "common/options/option_spec.h"

namespace echo {

// The options of load for generators that make one load together. One thread.
std::vector<OptionSpec> fleet_options(LoadPlan& plan);

// The value of a variable of the environment; nullptr if it is not set.
using Environment = std::function<const char*(const char*)>;

// The share that --share means: "2/3"; "slurm", which takes it from SLURM_PROCID and SLURM_NTASKS;
// or "3", the number of shares, of which JOB_COMPLETION_INDEX of an indexed Job of Kubernetes is
// this one. Both variables count from 0. Throws std::invalid_argument that names what is wrong.
Share share_asked_for(const std::string& text, const Environment& environment);

// The plan of one generator of a fleet: connections, rate and count are totals and become its part
// of them. The parts of a number add up to it and differ by at most one. Throws UsageError if no
// connection or no message is left for it.
void take_share(LoadPlan& plan);

// A moment as RFC 3339 ("2026-11-26T20:00:00.5+01:00") or as "@" and seconds since 1970.
// Throws std::invalid_argument.
std::chrono::system_clock::time_point parse_moment(std::string_view text);

}  // namespace echo
