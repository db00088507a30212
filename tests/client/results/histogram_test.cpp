#include "client/results/histogram.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
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
  CHECK(within_three_digits(histogram.max(), values.back()));
  CHECK(histogram.min() == values.front());
  for (const double percentage : {0.001, 1.0, 25.0, 50.0, 75.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
    CAPTURE(percentage);
    const auto rank = static_cast<std::size_t>(std::floor(percentage * 1000 + 0.5));
    const nanoseconds exact = values[std::max<std::size_t>(rank, 1) - 1];
    CHECK(within_three_digits(histogram.percentile(percentage), exact));
  }
}

TEST_CASE("mean and deviation are those of the values to three digits") {
  Histogram histogram;
  for (const auto value : {1ms, 2ms, 3ms, 4ms}) histogram.record(value);
  CHECK(histogram.mean() == doctest::Approx(2.5e6).epsilon(0.001));
  CHECK(histogram.stddev() == doctest::Approx(1.118e6).epsilon(0.001));
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
  CHECK(histogram.max() >= 24h);
  CHECK(histogram.count_above(1h) == 1);
  CHECK(histogram.count_above(0ns) == 1);
}

}  // namespace
}  // namespace echo
