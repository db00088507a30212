#pragma once

#include <ostream>

#include "client/results/histogram.h"

namespace echo::load {

// The percentile distribution as text, in milliseconds: what HdrHistogram's plotter reads.
void write_hgrm(std::ostream& file, const Histogram& histogram);

}  // namespace echo::load
