#pragma once

#include <cstdint>
#include <vector>

#include "client/results/plan.h"
#include "client/wire/payload.h"

namespace echo::load {

// What all generators of a run share; constant while they live.
struct Job {
  const LoadOptions& options;
  std::uint64_t threads = 1;
  Payload payload;
  std::vector<Endpoint> endpoints;
  std::vector<Endpoint> sources;  // empty: the kernel chooses
};

// Also lets the process have as many descriptors as it may. `options` must outlive the job.
// Throws std::runtime_error where an address can't be resolved.
Job make_job(const LoadOptions& options);

}  // namespace echo::load
