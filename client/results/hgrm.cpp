#include "client/results/hgrm.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace echo {
namespace {

constexpr double kNanosecondsPerUnit = 1e6;
constexpr int kTicksPerHalfDistance = 5;

double in_units(std::int64_t ns) {
  return static_cast<double>(ns) / kNanosecondsPerUnit;
}

// Each halving of the distance to 100 % takes the same number of rows.
double next_percentile(double percentile) {
  const double halvings = std::floor(std::log2(100 / (100 - percentile))) + 1;
  return percentile + 100 / (kTicksPerHalfDistance * std::exp2(halvings));
}

std::string rows(const Histogram& histogram) {
  const auto total = static_cast<double>(histogram.count());
  std::string text;
  double percentile = 0;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < histogram.counts().size(); ++i) {
    if (histogram.counts()[i] == 0) continue;
    seen += histogram.counts()[i];
    const double value =
        in_units(std::min(Histogram::kLayout.highest_of(i), histogram.max().count()));
    while (percentile <= 100 * static_cast<double>(seen) / total && percentile < 100) {
      text += fmt::format("{:12.6f} {:12f} {:12d} {:12.2f}\n", value, percentile / 100, seen,
                          1 / (1 - percentile / 100));
      percentile = next_percentile(percentile);
      if (seen == histogram.count()) break;
    }
    if (seen == histogram.count()) {
      return text + fmt::format("{:12.6f} {:12f} {:12d} {:>12}\n", value, 1.0, seen, "inf");
    }
  }
  return text;
}

}  // namespace

std::string hgrm_text(const Histogram& histogram) {
  return fmt::format("{:>12} {:>12} {:>12} {:>12}\n\n", "Value", "Percentile", "TotalCount",
                     "1/(1-Percentile)") +
         rows(histogram) +
         fmt::format("#[Mean    = {:12.6f}, StdDeviation   = {:12.6f}]\n",
                     histogram.mean() / kNanosecondsPerUnit,
                     histogram.stddev() / kNanosecondsPerUnit) +
         fmt::format("#[Max     = {:12.6f}, Total count    = {:12d}]\n",
                     in_units(histogram.max().count()), histogram.count()) +
         fmt::format("#[Buckets = {:12d}, SubBuckets     = {:12d}]\n", Histogram::kLayout.buckets,
                     Histogram::kLayout.sub_buckets);
}

}  // namespace echo
