#pragma once

#include <string>

#include "client/idle/options.h"
#include "client/idle/result.h"

namespace echo::idle {

// The text for standard output, in at most 78 columns.

// What is about to be done.
std::string header_text(const Options& options);

// A table and what it means per target; several targets side by side at the end.
std::string report_text(const Result& result);

}  // namespace echo::idle
