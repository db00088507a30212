#pragma once

#include <string>

#include "client/results/result.h"

namespace echo {

// The table of several targets, and each of them beside the first one. At most 78 columns but for
// names that are longer. Pure, any thread.
std::string targets_report(const Result& result);

}  // namespace echo
