#pragma once

#include <string>
#include <utility>
#include <vector>

#include "client/page/saved_run.h"

namespace echo {

// Rows of tables, a name and a text each, in the words of the text report. Pure, any thread.
using Facts = std::vector<std::pair<std::string, std::string>>;

Facts facts_of(const SavedRun& run);     // what happened
Facts options_of(const Result& result);  // what was asked for, by the names of the options
Facts machine_of(const Result& result);  // where the load was made, and what that cost

}  // namespace echo
