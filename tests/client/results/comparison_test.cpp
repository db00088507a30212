#include "client/results/comparison.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>
#include <vector>

namespace echo {
namespace {

using Values = std::vector<double>;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Measure p99(Values base, Values next) {
  return {.name = "p99", .unit = "us", .base = std::move(base), .next = std::move(next)};
}

TEST_CASE("the figure of a side is the median of its runs") {
  const Difference difference = difference_of(p99({100, 104, 96, 500}, {150, 154, 158}));
  CHECK(difference.base == 102);
  CHECK(difference.next == 154);
  CHECK(difference.change == doctest::Approx(52.0 / 102));
  CHECK(difference.base_spread == doctest::Approx(404.0 / 102));
  CHECK(difference.next_spread == doctest::Approx(8.0 / 154));
  CHECK(std::isnan(median({})));
}

TEST_CASE("a change from nothing or to no answer is beyond every limit") {
  CHECK(difference_of(p99({0, 0}, {0, 0})).change == 0);
  CHECK(difference_of(p99({0, 0}, {1, 1})).change == kInfinity);
  CHECK(difference_of(p99({5, 5}, {kInfinity, kInfinity})).change == kInfinity);
  CHECK(difference_of(p99({kInfinity, kInfinity}, {5, 5})).change == -1);
  CHECK(difference_of(p99({kInfinity}, {kInfinity})).change == 0);
}

TEST_CASE("fewer than four runs a side are never beyond noise") {
  CHECK(difference_of(p99({1, 1, 1, 1}, {9, 9, 9, 9})).beyond_noise);
  CHECK_FALSE(difference_of(p99({1, 1, 1}, {9, 9, 9})).beyond_noise);
  // Two of 56 splits would be rare enough.
  CHECK_FALSE(difference_of(p99({1, 1, 1}, {9, 9, 9, 9, 9})).beyond_noise);
  CHECK_FALSE(compare({p99({1, 1, 1}, {9, 9, 9, 9})}, {}).has_enough_runs());
  CHECK(compare({p99({1, 1, 1, 1}, {9, 9, 9, 9})}, {}).has_enough_runs());
}

TEST_CASE("a gate fails only beyond its threshold and beyond noise") {
  const std::vector<Threshold> gate{Threshold::parse("p99>+10%")};
  CHECK(compare({p99({10, 11, 12, 13}, {20, 21, 22, 23})}, gate).failed());
  CHECK_FALSE(compare({p99({100, 101, 102, 103}, {104, 105, 106, 107})}, gate).failed());
  CHECK_FALSE(compare({p99({10, 11, 12, 30}, {13, 14, 25, 29})}, gate).failed());
  CHECK_FALSE(compare({p99({20, 21, 22, 23}, {10, 11, 12, 13})}, gate).failed());
  CHECK_THROWS_AS(compare({p99({1}, {1})}, {Threshold::parse("rate<-5%")}), std::out_of_range);
}

TEST_CASE("which way is worse depends on the measure") {
  Measure rate = p99({1, 1}, {2, 2});
  CHECK(difference_of(rate).is_worse);
  rate.higher_is_better = true;
  CHECK_FALSE(difference_of(rate).is_worse);
}

TEST_CASE("where the medians are equal the other runs say which way is worse") {
  const Values none(11, 0);
  Values some(6, 0);
  some.insert(some.end(), {1, 2, 3, 4, 5});
  const Difference more = difference_of(p99(none, some));
  CHECK(more.beyond_noise);
  CHECK(more.is_worse);
  CHECK_FALSE(difference_of(p99(some, none)).is_worse);
  CHECK_FALSE(difference_of(p99(none, none)).is_worse);
}

// Runs of a p99 around 1000 us of which one differs from the next by 3 % (standard deviation).
struct MadeRuns {
  std::mt19937_64 random{20261126};

  Values runs(double factor) {
    std::lognormal_distribution<double> noise(0, 0.03);
    Values values;
    for (int i = 0; i < 5; ++i) values.push_back(1000 * factor * noise(random));
    return values;
  }
  int red_of_fifty(double factor) {
    int red = 0;
    for (int i = 0; i < 50; ++i) {
      const auto gate = {Threshold::parse("p99>+10%")};
      if (compare({p99(runs(1), runs(factor))}, gate).failed()) ++red;
    }
    return red;
  }
};

TEST_CASE("the gate is green for the same and red for a fifth more") {
  MadeRuns made;
  CHECK(made.red_of_fifty(1) <= 2);
  CHECK(made.red_of_fifty(1.05) <= 2);
  CHECK(made.red_of_fifty(1.2) >= 48);
}

}  // namespace
}  // namespace echo
