#include "client/results/histogram.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>
#include <vector>

namespace echo {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

// From nanoseconds to hours, evenly over the magnitudes.
std::vector<nanoseconds> random_values(std::size_t count) {
  std::mt19937_64 random(42);
  std::uniform_real_distribution<double> exponent(0, 13);
  std::vector<nanoseconds> values;
  for (std::size_t i = 0; i < count; ++i) {
    values.emplace_back(static_cast<std::int64_t>(std::pow(10, exponent(random))));
  }
  return values;
}

bool within_three_digits(nanoseconds told, nanoseconds exact) {
  return told >= exact && told - exact <= exact / 1000;
}

TEST_CASE("the layout has the sizes that its formula gives") {
  const HistogramLayout layout(1, 86'400'000'000, 3);
  CHECK(layout.buckets == 27);
  CHECK(layout.sub_buckets == 2048);
  CHECK(layout.size() == 28 * 1024);
  CHECK(layout.index(0) == 0);
  CHECK(layout.index(2047) == 2047);
  CHECK(layout.index(2048) == 2048);
  CHECK(layout.index(2049) == 2048);
  CHECK(layout.index(layout.highest) < layout.size());
}

TEST_CASE("a value lies in its bucket and buckets follow each other without a gap") {
  const HistogramLayout& layout = Histogram::kLayout;
  for (std::size_t i = 0; i + 1 < layout.size(); ++i) {
    REQUIRE(layout.highest_of(i) + 1 == layout.lowest_of(i + 1));
    if (layout.highest_of(i) > layout.highest) break;
    REQUIRE(layout.index(layout.lowest_of(i)) == i);
    REQUIRE(layout.index(layout.highest_of(i)) == i);
  }
}

TEST_CASE("percentiles are those of the sorted values to three digits") {
  auto values = random_values(100'000);
  Histogram histogram;
  for (const auto value : values) histogram.record(value);
  std::ranges::sort(values);
  CHECK(histogram.count() == values.size());
  CHECK(histogram.max() == values.back());
  CHECK(histogram.min() == values.front());
  for (const double percentage : {0.001, 1.0, 25.0, 50.0, 75.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
    CAPTURE(percentage);
    const auto rank = static_cast<std::size_t>(std::llround(percentage * 1000));
    const nanoseconds exact = values[rank - 1];
    CHECK(within_three_digits(histogram.percentile(percentage), exact));
  }
}

TEST_CASE("minimum and mean and maximum are exact and the deviation has three digits") {
  Histogram histogram;
  for (const auto value : {1'000'001ns, 2'000'003ns, 3'000'005ns, 4'000'011ns}) {
    histogram.record(value);
  }
  CHECK(histogram.min() == 1'000'001ns);
  CHECK(histogram.mean() == 2'500'005.0);
  CHECK(histogram.max() == 4'000'011ns);
  CHECK(histogram.stddev() == doctest::Approx(1.118e6).epsilon(0.001));
}

TEST_CASE("a single value is its own minimum and mean and percentile and deviates by nothing") {
  Histogram histogram;
  histogram.record(300'793'123ns);
  CHECK(histogram.min() == 300'793'123ns);
  CHECK(histogram.mean() == 300'793'123.0);
  CHECK(histogram.max() == 300'793'123ns);
  CHECK(histogram.percentile(0) == 300'793'123ns);
  CHECK(histogram.percentile(99.99) == 300'793'123ns);
  CHECK(histogram.stddev() == 0);
}

TEST_CASE("two slow values of 151 show in the 99th percentile") {
  Histogram histogram;
  for (int i = 0; i < 149; ++i) histogram.record(298us);
  for (int i = 0; i < 2; ++i) histogram.record(100ms);
  CHECK(within_three_digits(histogram.percentile(98), 298us));
  CHECK(histogram.percentile(99) == 100ms);
}

TEST_CASE("a rank is that of exact arithmetic") {
  // Percentages in thousandths, so that whole numbers can tell.
  for (const std::uint64_t thousandths : {1U, 500U, 29'000U, 50'000U, 57'000U, 90'000U, 99'000U,
                                          99'900U, 99'990U, 99'999U, 100'000U}) {
    const double percentage = static_cast<double>(thousandths) / 1e3;
    for (std::uint64_t total = 1; total < 20'000; ++total) {
      const std::uint64_t exact = (thousandths * total + 99'999) / 100'000;
      REQUIRE(Histogram::rank_of(percentage, total) == exact);
    }
    const std::uint64_t many = 100'000'000'000;
    REQUIRE(Histogram::rank_of(percentage, many) == thousandths * (many / 100'000));
    REQUIRE(Histogram::rank_of(percentage, many + 1) == thousandths * (many / 100'000) + 1);
  }
  CHECK(Histogram::rank_of(0, 7) == 1);
  CHECK(Histogram::rank_of(50, 0) == 0);
}

TEST_CASE("of values whose bucket alone is known the edges are the extremes") {
  const std::size_t bucket = Histogram::kLayout.index(1'000'000);
  Histogram histogram;
  histogram.add_to(bucket, 3);
  CHECK(histogram.min().count() == Histogram::kLayout.lowest_of(bucket));
  CHECK(histogram.max().count() == Histogram::kLayout.highest_of(bucket));
  CHECK(histogram.mean() == static_cast<double>(Histogram::kLayout.middle_of(bucket)));
  CHECK(histogram.set_exact(1'000'000ns, 1'000'100ns, 1'000'050.5));
  CHECK(histogram.min() == 1'000'000ns);
  CHECK(histogram.max() == 1'000'100ns);
  CHECK(histogram.mean() == 1'000'050.5);
  CHECK(histogram.percentile(50) == 1'000'100ns);
}

TEST_CASE("extremes that the counts cannot have are refused") {
  Histogram histogram;
  CHECK_FALSE(histogram.set_exact(0ns, 0ns, 0));
  histogram.record(1ms);
  histogram.record(5ms);
  CHECK_FALSE(histogram.set_exact(2ms, 5ms, 3e6));
  CHECK_FALSE(histogram.set_exact(1ms, 6ms, 3e6));
  CHECK_FALSE(histogram.set_exact(1ms, 5ms, 9e6));
  CHECK_FALSE(histogram.set_exact(5ms, 1ms, 3e6));
  CHECK(histogram.min() == 1ms);
  CHECK(histogram.max() == 5ms);
  CHECK(histogram.mean() == 3e6);
}

TEST_CASE("counts that overflow are refused and change nothing") {
  constexpr std::uint64_t kMost = 9'223'372'036'854'775'807U;
  Histogram histogram;
  histogram.add_to(5, kMost - 1);
  Histogram two;
  two.add_to(7, 2);
  CHECK_THROWS_AS(histogram.add(two), std::overflow_error);
  CHECK_THROWS_AS(histogram.add_to(7, 2), std::overflow_error);
  CHECK_THROWS_AS(histogram.add_to(7, ~std::uint64_t{0}), std::overflow_error);
  CHECK(histogram.count() == kMost - 1);
  CHECK(histogram.counts()[7] == 0);
  histogram.add_to(7, 1);
  CHECK(histogram.count() == kMost);
}

TEST_CASE("merged parts tell exactly what the whole tells") {
  const auto values = random_values(10'000);
  Histogram whole;
  Histogram first;
  Histogram second;
  for (std::size_t i = 0; i < values.size(); ++i) {
    whole.record(values[i]);
    (i % 3 == 0 ? first : second).record(values[i]);
  }
  first.add(second);
  CHECK(std::ranges::equal(first.counts(), whole.counts()));
  CHECK(first.count() == whole.count());
  CHECK(first.min() == whole.min());
  CHECK(first.max() == whole.max());
  CHECK(first.mean() == doctest::Approx(whole.mean()).epsilon(1e-12));
  CHECK(first.percentile(99) == whole.percentile(99));
}

TEST_CASE("an empty histogram tells zeros and a cleared one is empty") {
  Histogram histogram;
  histogram.record(5s);
  histogram.clear();
  CHECK(histogram.count() == 0);
  CHECK(histogram.min() == 0ns);
  CHECK(histogram.max() == 0ns);
  CHECK(histogram.percentile(99) == 0ns);
  CHECK(histogram.mean() == 0);
  CHECK(histogram.stddev() == 0);
}

TEST_CASE("what lies outside counts at the edge") {
  Histogram histogram;
  histogram.record(-5ns);
  histogram.record(48h);
  CHECK(histogram.count() == 2);
  CHECK(histogram.min() == 0ns);
  CHECK(histogram.max() == 24h);
  CHECK(histogram.count_above(1h) == 1);
  CHECK(histogram.count_above(0ns) == 1);
}

}  // namespace
}  // namespace echo
