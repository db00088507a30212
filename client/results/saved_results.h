#pragma once

#include <string>
#include <vector>

#include "client/results/run_measures.h"

namespace echo {

// Reads complete results of load; "-" is standard input. A file that is missing, empty, cut short,
// not a result, of an interrupted run or of one that measured nothing adds a line that names it to
// the problems. Any thread.
std::vector<NamedResult> read_saved_results(const std::vector<std::string>& paths,
                                            std::vector<std::string>& problems);

}  // namespace echo
