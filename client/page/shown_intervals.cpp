#include "client/page/shown_intervals.h"

#include <algorithm>

namespace echo {
namespace {

void append(Interval& sum, const Interval& next) {
  sum.length += next.length;
  sum.echoed += next.echoed;
  sum.errors += next.errors;
  sum.unsent += next.unsent;
  sum.connections = next.connections;
  sum.p50 = std::max(sum.p50, next.p50);
  sum.p99 = std::max(sum.p99, next.p99);
  sum.max = std::max(sum.max, next.max);
  sum.lateness = std::max(sum.lateness, next.lateness);
}

}  // namespace

ShownIntervals shown_intervals(const std::vector<Interval>& all, std::size_t most) {
  ShownIntervals shown;
  shown.each = std::max<std::size_t>((all.size() + most - 1) / most, 1);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i % shown.each == 0) {
      shown.rows.push_back(all[i]);
    } else {
      append(shown.rows.back(), all[i]);
    }
  }
  return shown;
}

}  // namespace echo
