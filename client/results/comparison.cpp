#include "client/results/comparison.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>

#include "client/results/rank_test.h"

namespace echo {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double spread(const std::vector<double>& values, double median) {
  const auto [lowest, highest] = std::ranges::minmax(values);
  if (lowest == highest) return 0;
  return median > 0 && std::isfinite(highest) ? (highest - lowest) / median : kInfinity;
}

double change(double base, double next) {
  if (base == next) return 0;
  if (base == 0 || std::isinf(next)) return kInfinity;
  return std::isinf(base) ? -1 : (next - base) / base;
}

// How many more of the pairs have the higher value on the new side than on the base's.
std::ptrdiff_t rank_shift(const Measure& measure) {
  std::ptrdiff_t shift = 0;
  for (const double base : measure.base) {
    for (const double next : measure.next) shift += (next > base ? 1 : 0) - (next < base ? 1 : 0);
  }
  return shift;
}

// Where most runs of both sides had no error, say, the medians tell nothing of the others.
bool is_worse(const Measure& measure, const Difference& difference) {
  const double shift = difference.next == difference.base ? static_cast<double>(rank_shift(measure))
                                                          : difference.next - difference.base;
  return measure.higher_is_better ? shift < 0 : shift > 0;
}

bool enough(std::size_t base_runs, std::size_t next_runs) {
  return std::min(base_runs, next_runs) >= kFewestRuns;
}

}  // namespace

double median(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

Difference difference_of(const Measure& measure) {
  Difference result;
  result.name = measure.name;
  result.unit = measure.unit;
  result.higher_is_better = measure.higher_is_better;
  if (measure.base.empty() || measure.next.empty()) return result;
  result.base = median(measure.base);
  result.base_spread = spread(measure.base, result.base);
  result.next = median(measure.next);
  result.next_spread = spread(measure.next, result.next);
  result.change = change(result.base, result.next);
  result.p = rank_test(measure.base, measure.next);
  result.beyond_noise =
      enough(measure.base.size(), measure.next.size()) && result.p <= kSignificance;
  result.is_worse = is_worse(measure, result);
  return result;
}

bool Comparison::has_enough_runs() const {
  return enough(base_runs, next_runs);
}

bool Comparison::failed() const {
  return std::ranges::any_of(gates, &GateVerdict::failed);
}

Comparison compare(const std::vector<Measure>& measures, const std::vector<Threshold>& thresholds) {
  Comparison result;
  for (const Measure& measure : measures) {
    result.base_runs = measure.base.size();
    result.next_runs = measure.next.size();
    result.differences.push_back(difference_of(measure));
  }
  for (const Threshold& threshold : thresholds) {
    const auto found = std::ranges::find(result.differences, threshold.metric, &Difference::name);
    if (found == result.differences.end()) throw std::out_of_range(threshold.metric);
    const bool failed = found->beyond_noise && threshold.is_exceeded(found->change);
    result.gates.push_back({threshold, *found, failed});
  }
  return result;
}

}  // namespace echo
