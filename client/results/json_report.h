#pragma once

#include <string>

#include "client/results/plan.h"
#include "client/results/result.h"

namespace echo::load {

// The result for programs. Times are microseconds unless the key says otherwise; keys may be added
// but are never renamed.
std::string json_report(const Result& result, const LoadOptions& options);

}  // namespace echo::load
