#pragma once

#include <CLI/App.hpp>

#include "client/results/merge.h"
#include "client/results/plan.h"

namespace echo::load {

// The commands `load` and `merge` on the command line; what they are told goes into the options,
// which must live as long as the program's parser.
void add_load(CLI::App& program, LoadOptions& options);
void add_merge(CLI::App& program, MergeOptions& options);

}  // namespace echo::load
