#pragma once

#include <string>

#include "client/results/percentiles.h"
#include "client/results/result.h"
#include "client/results/text_style.h"

namespace echo {

// Texts for people, in at most 78 columns.

// The result, with what has to be known to judge it.
std::string text_report(const Result& result, TextStyle style = {});

// A column for each histogram that has values, under a line of headings.
std::string times_table(const Result& result, const Percentiles& percentiles);

}  // namespace echo
