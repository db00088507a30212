#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "client/idle/result.h"

namespace echo::idle {

// What the findings mean and what would help, in sentences.

// "30s", "4m", "22.917s": a silence as users write it, to the millisecond or a tenth of a second.
std::string gap_text(std::chrono::nanoseconds gap);

// What happened on one server, and the option or sysctl that would keep its connections. A
// paragraph each.
std::vector<std::string> advice(const Options& options, const TargetResult& target);

// What must be known before the findings are believed, one line each.
std::vector<std::string> warnings(const Result& result);

// Why a target has no verdict on any gap, one line per such target.
std::vector<std::string> unmeasured(const Result& result);

// What is wrong on the other targets, one line each: gaps without a verdict, wrong bytes, a
// required gap that does not survive.
std::vector<std::string> shortcomings(const Result& result);

}  // namespace echo::idle
