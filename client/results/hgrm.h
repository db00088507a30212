#pragma once

#include <string>

#include "client/results/histogram.h"

namespace echo {

// The percentile distribution as text, in milliseconds to the nanosecond: what HdrHistogram's
// plotter reads.
std::string hgrm_text(const Histogram& histogram);

}  // namespace echo
