#pragma once

#include <cstddef>
#include <vector>

#include "client/results/result.h"

namespace echo {

// Intervals for a chart that has room for `most` of them. Pure, any thread.
struct ShownIntervals {
  std::size_t each = 1;  // how many intervals stand in one of the rows
  std::vector<Interval> rows;
};

// Where there are more, neighbours become one: their times are the highest of them and their errors
// the sum, so that no spike is lost; their rate is that of all of them. REQUIRES: most > 0.
ShownIntervals shown_intervals(const std::vector<Interval>& all, std::size_t most);

}  // namespace echo
