#include "client/page/curve.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace echo {
namespace {

// Where the points of a decade of 1/(1-p) lie: preferred numbers, of which 1, 2 and 5 give
// percentiles that people know, such as 50, 80, 95 and 99.8.
constexpr std::array<double, 10> kFine{1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.4, 8};
constexpr std::array<double, 3> kCoarse{1, 2, 5};

// What the binary fraction adds is cut: 99.9, not 99.90000000000001.
double percentile_at(double reciprocal) {
  return std::round(100 * (1 - 1 / reciprocal) * 1e9) / 1e9;
}

}  // namespace

std::vector<CurvePoint> curve_of(const Histogram& times, const Percentiles& wanted,
                                 CurveDetail detail) {
  if (times.count() == 0) return {};
  const auto end = static_cast<double>(times.count());
  const std::span<const double> steps =
      detail == CurveDetail::fine ? std::span<const double>(kFine) : kCoarse;
  Percentiles percentiles;
  for (double decade = 1; decade < end; decade *= 10) {
    for (const double step : steps) {
      if (decade * step < end) percentiles.push_back(percentile_at(decade * step));
    }
  }
  for (const double one : wanted) {
    if (one < 100 && 100 / (100 - one) < end) percentiles.push_back(one);
  }
  std::ranges::sort(percentiles);
  percentiles.erase(std::unique(percentiles.begin(), percentiles.end()), percentiles.end());

  std::vector<CurvePoint> points;
  for (const double one : percentiles) {
    points.push_back({one, one == 0 ? times.min() : times.percentile(one)});
  }
  if (points.empty()) points.push_back({0, times.min()});
  points.push_back({100, times.max()});
  return points;
}

}  // namespace echo
