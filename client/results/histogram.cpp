#include "client/results/histogram.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace echo {

using std::chrono::nanoseconds;

void Histogram::add(const Histogram& other) {
  std::transform(counts_.begin(), counts_.end(), other.counts_.begin(), counts_.begin(),
                 std::plus<>());
  total_ += other.total_;
}

void Histogram::clear() {
  if (total_ != 0) std::fill(counts_.begin(), counts_.end(), 0);
  total_ = 0;
}

nanoseconds Histogram::min() const {
  const auto first = std::find_if(counts_.begin(), counts_.end(), [](auto c) { return c != 0; });
  if (first == counts_.end()) return nanoseconds::zero();
  return nanoseconds(kLayout.lowest_of(static_cast<std::size_t>(first - counts_.begin())));
}

nanoseconds Histogram::max() const {
  const auto last = std::find_if(counts_.rbegin(), counts_.rend(), [](auto c) { return c != 0; });
  if (last == counts_.rend()) return nanoseconds::zero();
  const auto behind = static_cast<std::size_t>(counts_.rend() - last);
  return nanoseconds(kLayout.highest_of(behind - 1));
}

double Histogram::mean() const {
  if (total_ == 0) return 0;
  double sum = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    sum += static_cast<double>(counts_[i]) * static_cast<double>(kLayout.middle_of(i));
  }
  return sum / static_cast<double>(total_);
}

double Histogram::stddev() const {
  if (total_ == 0) return 0;
  const double average = mean();
  double sum = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    const double off = static_cast<double>(kLayout.middle_of(i)) - average;
    sum += static_cast<double>(counts_[i]) * off * off;
  }
  return std::sqrt(sum / static_cast<double>(total_));
}

nanoseconds Histogram::percentile(double percentage) const {
  if (total_ == 0) return nanoseconds::zero();
  const double rank = std::floor(percentage / 100 * static_cast<double>(total_) + 0.5);
  const auto wanted = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(rank), 1, total_);
  std::uint64_t seen = 0;
  std::size_t i = 0;
  while ((seen += counts_[i]) < wanted) ++i;
  return nanoseconds(kLayout.highest_of(i));
}

std::uint64_t Histogram::count_above(nanoseconds value) const {
  const auto first = counts_.begin() + static_cast<std::ptrdiff_t>(index_of(value)) + 1;
  return std::accumulate(first, counts_.end(), std::uint64_t{0});
}

}  // namespace echo
