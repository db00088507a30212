#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "client/results/plan.h"
#include "client/wire/payload.h"
#include "common/address.h"

namespace echo::load {

// What all generators of a run share; constant while they live.
struct Job {
  const LoadPlan& plan;
  std::uint64_t threads = 1;
  Payload payload;
  std::vector<Endpoint> endpoints;
  std::vector<Endpoint> sources;  // empty: the kernel chooses
  // How many connections a generator watches at a time that were replaced by another one.
  std::size_t trailing_per_generator = 0;
  nanoseconds spin{0};  // for how long a generator polls, at most
};

}  // namespace echo::load
