#pragma once

#include <chrono>
#include <vector>

#include "client/results/histogram.h"
#include "client/results/percentiles.h"

namespace echo {

// A distribution as a line over the axis of nines, on which 90, 99 and 99.9 are equally far apart.
struct CurvePoint {
  double percentile = 0;  // 0: the minimum, 100: the maximum
  std::chrono::nanoseconds value{0};
};

enum class CurveDetail { coarse, fine };  // 3 or 10 points for each nine

// From the minimum to the maximum, with every percentile asked for that is below the maximum;
// nothing for a histogram without values. Pure, any thread.
std::vector<CurvePoint> curve_of(const Histogram& times, const Percentiles& wanted,
                                 CurveDetail detail);

}  // namespace echo
