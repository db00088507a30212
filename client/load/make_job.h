#pragma once

#include <cstdint>
#include <vector>

#include "client/load/job.h"

namespace echo::load {

// For how long a generator polls, of so many threads on so many CPUs: never, unless asked, where
// there is no CPU left for anything else.
nanoseconds effective_spin(const LoadPlan& plan, std::uint64_t threads, std::uint64_t cpus);

// Also lets the process have as many descriptors as it may. The plan must outlive the job.
// Throws std::runtime_error, whose message names the limit, if descriptors, ports or memory do not
// suffice for what is asked.
Job make_job(const LoadPlan& plan, const std::vector<Endpoint>& endpoints);

}  // namespace echo::load
