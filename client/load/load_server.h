#pragma once

#include <functional>

#include "client/load/run.h"
#include "client/results/outputs.h"
#include "client/results/plan.h"
#include "client/results/result.h"

namespace echo::load {

// A load of one server, whatever is run in it: resolves the name, lets `run` load the server,
// writes the result and returns the exit status. A load that cannot begin, because of the name, a
// signal or what the machine lacks, has a result all the same: its error. So has one that fails.
// Throws std::runtime_error if an output cannot be opened.
int load_server(const LoadPlan& plan,
                const std::function<Result(const RunSetting& setting, Outputs& outputs)>& run);

// The same with one run, as asked.
int run_load(const LoadPlan& plan);

}  // namespace echo::load
