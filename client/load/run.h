#pragma once

#include <string>
#include <vector>

#include "client/results/interval_sink.h"
#include "client/results/plan.h"
#include "client/results/result.h"
#include "client/wire/resolver.h"
#include "common/address.h"
#include "common/signals.h"

namespace echo::load {

// What came of a run.
struct Outcome {
  Result result;
  bool stopped = false;  // a signal came, even if only when everything was measured
};

// Where a run goes, and what it shares with others. All of it must outlive the run.
struct RunSetting {
  Resolver& resolver;
  Signals& stop;
  const std::vector<Endpoint>& endpoints;
  IntervalSink& sink;
  std::string title = {};  // a live line before the others; none if empty
};

// One run, and what it measured; what becomes of that is the caller's. A signal ends it early. Its
// result has an error if no connection could be made. Throws std::runtime_error when it cannot
// start.
Outcome measure(const LoadPlan& plan, const RunSetting& setting);

}  // namespace echo::load
