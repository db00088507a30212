#include "client/results/histogram.h"

#include <cmath>
#include <functional>
#include <numeric>
#include <stdexcept>

namespace echo {

using std::chrono::nanoseconds;

namespace {

// Counts are signed numbers of 64 bits in a log.
constexpr std::uint64_t kMostValues = std::numeric_limits<std::int64_t>::max();

void check_room(std::uint64_t total, std::uint64_t more) {
  if (more > kMostValues - total) {
    throw std::overflow_error("more values than a histogram can count");
  }
}

}  // namespace

void Histogram::add(const Histogram& other) {
  check_room(total_, other.total_);
  std::transform(counts_.begin(), counts_.end(), other.counts_.begin(), counts_.begin(),
                 std::plus<>());
  total_ += other.total_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

void Histogram::add_to(std::size_t index, std::uint64_t count) {
  check_room(total_, count);
  if (count == 0) return;
  counts_[index] += count;
  total_ += count;
  sum_ += static_cast<double>(count) * static_cast<double>(kLayout.middle_of(index));
  min_ = std::min(min_, kLayout.lowest_of(index));
  max_ = std::max(max_, kLayout.highest_of(index));
}

void Histogram::clear() {
  if (total_ != 0) std::fill(counts_.begin(), counts_.end(), 0);
  total_ = 0;
  sum_ = 0;
  min_ = kNoMinimum;
  max_ = 0;
}

bool Histogram::set_exact(nanoseconds min, nanoseconds max, double mean) {
  // A mean that was written in decimal may be off by a rounding.
  constexpr double kRounding = 0.5;
  const auto lowest = static_cast<double>(min.count());
  const auto highest = static_cast<double>(max.count());
  const bool are_possible = total_ != 0 && min <= max && index_of(min) == index_of(this->min()) &&
                            index_of(max) == index_of(this->max()) && mean >= lowest - kRounding &&
                            mean <= highest + kRounding;
  if (!are_possible) return false;
  min_ = min.count();
  max_ = max.count();
  sum_ = std::clamp(mean, lowest, highest) * static_cast<double>(total_);
  return true;
}

nanoseconds Histogram::min() const {
  return nanoseconds(total_ == 0 ? 0 : min_);
}

nanoseconds Histogram::max() const {
  return nanoseconds(max_);
}

double Histogram::mean() const {
  return total_ == 0 ? 0 : sum_ / static_cast<double>(total_);
}

// About the mean of the middles, not the exact one: else a single value would deviate from itself.
double Histogram::stddev() const {
  double sum = 0;
  double squares = 0;
  const auto for_each_bucket = [this](auto visit) {
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] == 0) continue;
      visit(static_cast<double>(counts_[i]), static_cast<double>(kLayout.middle_of(i)));
    }
  };
  if (total_ == 0) return 0;
  for_each_bucket([&](double count, double middle) { sum += count * middle; });
  const double average = sum / static_cast<double>(total_);
  for_each_bucket([&](double count, double middle) {
    squares += count * (middle - average) * (middle - average);
  });
  return std::sqrt(squares / static_cast<double>(total_));
}

std::uint64_t Histogram::rank_of(double percentage, std::uint64_t total) {
  if (total == 0) return 0;
  // 99.9 % of 1000 is 999 and a little in floating point, which must not become 1000.
  constexpr double kRounding = 1e-15;
  const double share = percentage / 100 * static_cast<double>(total);
  const auto rank = static_cast<std::uint64_t>(std::ceil(share - share * kRounding));
  return std::clamp<std::uint64_t>(rank, 1, total);
}

nanoseconds Histogram::value_at(std::uint64_t rank) const {
  if (rank == 0) return nanoseconds::zero();
  std::uint64_t seen = 0;
  std::size_t i = 0;
  while ((seen += counts_[i]) < rank) ++i;
  return nanoseconds(std::min(kLayout.highest_of(i), max_));
}

std::uint64_t Histogram::count_above(nanoseconds value) const {
  const auto first = counts_.begin() + static_cast<std::ptrdiff_t>(index_of(value)) + 1;
  return std::accumulate(first, counts_.end(), std::uint64_t{0});
}

}  // namespace echo
