#include "client/results/hgrm.h"

#include <fmt/format.h>

#include <cmath>

namespace echo::load {
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

void write_rows(std::ostream& file, const Histogram& histogram) {
  const auto total = static_cast<double>(histogram.count());
  double percentile = 0;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < histogram.counts().size(); ++i) {
    if (histogram.counts()[i] == 0) continue;
    seen += histogram.counts()[i];
    const double value = in_units(Histogram::kLayout.highest_of(i));
    while (percentile <= 100 * static_cast<double>(seen) / total && percentile < 100) {
      file << fmt::format("{:12.3f} {:12f} {:12d} {:12.2f}\n", value, percentile / 100, seen,
                          1 / (1 - percentile / 100));
      percentile = next_percentile(percentile);
      if (seen == histogram.count()) break;
    }
    if (seen == histogram.count()) {
      file << fmt::format("{:12.3f} {:12f} {:12d} {:>12}\n", value, 1.0, seen, "inf");
      return;
    }
  }
}

}  // namespace

void write_hgrm(std::ostream& file, const Histogram& histogram) {
  file << fmt::format("{:>12} {:>12} {:>12} {:>12}\n\n", "Value", "Percentile", "TotalCount",
                      "1/(1-Percentile)");
  if (histogram.count() > 0) write_rows(file, histogram);
  file << fmt::format("#[Mean    = {:12.3f}, StdDeviation   = {:12.3f}]\n",
                      histogram.mean() / kNanosecondsPerUnit,
                      histogram.stddev() / kNanosecondsPerUnit)
       << fmt::format("#[Max     = {:12.3f}, Total count    = {:12d}]\n",
                      in_units(histogram.max().count()), histogram.count())
       << fmt::format("#[Buckets = {:12d}, SubBuckets     = {:12d}]\n", Histogram::kLayout.buckets,
                      Histogram::kLayout.sub_buckets);
}

}  // namespace echo::load
