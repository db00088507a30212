#pragma once

#include <string>

#include "client/results/plan.h"
#include "client/results/result.h"

namespace echo::load {

// The result as a text for people, with what has to be known to judge it.
std::string text_report(const Result& result, const LoadOptions& options);

// What the process should end with: wrong bytes before an interruption, that before failures, and
// those before a missed objective.
int exit_status(const Result& result, const LoadOptions& options);

// One line for each of the histograms that has values, under a line of headings.
std::string times_table(const Result& result, const std::vector<double>& percentiles);

// "87.2us", "1.35ms", "2.01s": three digits and a unit.
std::string short_text(std::chrono::nanoseconds duration);

// "1,234,567".
std::string grouped(std::uint64_t number);

// "99.9" for 99.9, "50" for 50.
std::string percentile_text(double percentile);

}  // namespace echo::load
