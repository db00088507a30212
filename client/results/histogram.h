#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace echo {

// The buckets of an HdrHistogram: values from `lowest` to `highest`, each kept to `digits`
// significant digits. Bucket indices and values are those of HdrHistogram's libraries, so that
// counts can be exchanged with them.
struct HistogramLayout {
  std::int64_t lowest = 1;
  std::int64_t highest = 0;
  int digits = 3;
  int unit_magnitude = 0;  // log2 of the lowest value that can be told apart
  int half_magnitude = 0;  // log2 of half the sub-buckets
  std::int64_t sub_buckets = 0;
  int buckets = 0;

  constexpr HistogramLayout(std::int64_t lowest_value, std::int64_t highest_value,
                            int significant_digits)
      : lowest(lowest_value), highest(highest_value), digits(significant_digits) {
    unit_magnitude = bits(static_cast<std::uint64_t>(lowest)) - 1;
    std::uint64_t wanted = 2;
    for (int i = 0; i < digits; ++i) wanted *= 10;
    sub_buckets = static_cast<std::int64_t>(std::bit_ceil(wanted));
    half_magnitude = bits(static_cast<std::uint64_t>(sub_buckets)) - 2;
    buckets = 1;
    for (std::int64_t end = sub_buckets << unit_magnitude; end <= highest; end <<= 1) ++buckets;
  }

  constexpr std::size_t size() const {
    return static_cast<std::size_t>(buckets + 1) << half_magnitude;
  }

  // REQUIRES: 0 <= value <= highest.
  constexpr std::size_t index(std::int64_t value) const {
    const auto mask = static_cast<std::uint64_t>(sub_buckets - 1) << unit_magnitude;
    const int bucket =
        bits(static_cast<std::uint64_t>(value) | mask) - unit_magnitude - (half_magnitude + 1);
    const auto sub = value >> (bucket + unit_magnitude);
    return (static_cast<std::size_t>(bucket + 1) << half_magnitude) +
           static_cast<std::size_t>(sub) - (std::size_t{1} << half_magnitude);
  }

  constexpr std::int64_t lowest_of(std::size_t index) const {
    return static_cast<std::int64_t>(sub_of(index)) << shift_of(index);
  }
  constexpr std::int64_t highest_of(std::size_t index) const {
    return lowest_of(index) + (std::int64_t{1} << shift_of(index)) - 1;
  }
  constexpr std::int64_t middle_of(std::size_t index) const {
    return lowest_of(index) + ((std::int64_t{1} << shift_of(index)) >> 1);
  }

 private:
  static constexpr int bits(std::uint64_t value) { return 64 - std::countl_zero(value); }
  constexpr int shift_of(std::size_t index) const {
    const int bucket = static_cast<int>(index >> half_magnitude) - 1;
    return (bucket < 0 ? 0 : bucket) + unit_magnitude;
  }
  constexpr std::size_t sub_of(std::size_t index) const {
    const std::size_t half = std::size_t{1} << half_magnitude;
    return index < half ? index : (index & (half - 1)) + half;
  }
};

// Durations in nanoseconds, counted at three significant digits up to a day; minimum, mean and
// maximum are exact. Thread rule: one thread at a time.
class Histogram {
 public:
  static constexpr HistogramLayout kLayout{1, 86'400'000'000'000, 3};

  Histogram() : counts_(kLayout.size()) {}

  // A negative value counts as 0, one longer than a day as a day.
  void record(std::chrono::nanoseconds value) {
    const std::int64_t ns = std::clamp<std::int64_t>(value.count(), 0, kLayout.highest);
    ++counts_[kLayout.index(ns)];
    ++total_;
    sum_ += static_cast<double>(ns);
    min_ = std::min(min_, ns);
    max_ = std::max(max_, ns);
  }

  // Both throw std::overflow_error, and change nothing, if the sum is more than a log can hold.
  void add(const Histogram& other);
  // Values of which only the bucket is known: its edges count as their minimum and maximum.
  void add_to(std::size_t index, std::uint64_t count);
  void clear();

  // Replaces what the buckets' edges gave by what was measured; the mean is in nanoseconds. False
  // if these counts cannot have them; then nothing changes.
  bool set_exact(std::chrono::nanoseconds min, std::chrono::nanoseconds max, double mean);

  std::uint64_t count() const { return total_; }
  std::span<const std::uint64_t> counts() const { return counts_; }

  // All zero if nothing was recorded. The deviation is that of the buckets' middles.
  std::chrono::nanoseconds min() const;
  std::chrono::nanoseconds max() const;
  double mean() const;    // nanoseconds
  double stddev() const;  // nanoseconds

  // The smallest value that the given percentage (0 to 100) of all values do not exceed: the
  // highest value of its bucket, and never more than the maximum.
  std::chrono::nanoseconds percentile(double percentage) const {
    return value_at(rank_of(percentage, total_));
  }

  // The nearest rank of a percentage among `total` values: from 1 to `total`, 0 if there are none.
  static std::uint64_t rank_of(double percentage, std::uint64_t total);

  // The value with this rank in ascending order. REQUIRES: rank <= count(). 0: zero.
  std::chrono::nanoseconds value_at(std::uint64_t rank) const;

  // How many values are greater than `value`, whose own bucket counts as not greater.
  std::uint64_t count_above(std::chrono::nanoseconds value) const;

 private:
  static std::size_t index_of(std::chrono::nanoseconds value) {
    return kLayout.index(std::clamp<std::int64_t>(value.count(), 0, kLayout.highest));
  }

  static constexpr std::int64_t kNoMinimum = std::numeric_limits<std::int64_t>::max();

  std::vector<std::uint64_t> counts_;
  std::uint64_t total_ = 0;
  double sum_ = 0;  // exact up to 2^53 ns, 104 days; then to 16 digits
  std::int64_t min_ = kNoMinimum;
  std::int64_t max_ = 0;
};

}  // namespace echo
