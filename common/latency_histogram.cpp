#include "common/latency_histogram.h"

#include <algorithm>
#include <numeric>

namespace echo {

void LatencyHistogram::record(std::chrono::nanoseconds time) {
  const auto bucket = std::ranges::lower_bound(kBounds, time) - kBounds.begin();
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  nanoseconds_.fetch_add(time.count(), std::memory_order_relaxed);
}

LatencyHistogram::Snapshot LatencyHistogram::snapshot() const {
  Snapshot result;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    result.counts[i] = counts_[i].load(std::memory_order_relaxed);
  }
  result.sum = std::chrono::nanoseconds(nanoseconds_.load(std::memory_order_relaxed));
  return result;
}

std::uint64_t LatencyHistogram::Snapshot::count() const {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

}  // namespace echo
