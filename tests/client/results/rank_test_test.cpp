#include "client/results/rank_test.h"

#include <doctest/doctest.h>

#include <limits>
#include <random>
#include <vector>

namespace echo {
namespace {

using Values = std::vector<double>;
Values numbers(double first, std::size_t count) {
  Values values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(first + static_cast<double>(i));
  return values;
}

double apart(std::size_t left, std::size_t right) {
  return rank_test(numbers(0, left), numbers(1000, right));
}

TEST_CASE("two splits in all are as far apart as two sides that do not touch") {
  CHECK(apart(3, 3) == doctest::Approx(2.0 / 20));
  CHECK(apart(4, 4) == doctest::Approx(2.0 / 70));
  CHECK(apart(5, 5) == doctest::Approx(2.0 / 252));
  CHECK(apart(4, 6) == doctest::Approx(2.0 / 210));
  CHECK(apart(50, 50) < 1e-20);
}

TEST_CASE("p of the rank test is that of the published tables") {
  // U = 1, 2 and 5 of 4 against 4.
  CHECK(rank_test(Values{1, 2, 3, 5}, Values{4, 6, 7, 8}) == doctest::Approx(4.0 / 70));
  CHECK(rank_test(Values{1, 2, 3, 6}, Values{4, 5, 7, 8}) == doctest::Approx(8.0 / 70));
  CHECK(rank_test(Values{1, 3, 5, 6}, Values{2, 4, 7, 8}) == doctest::Approx(34.0 / 70));
}

TEST_CASE("the rank test does not mind which side is which") {
  const Values left{3, 1, 4, 1, 5};
  const Values right{9, 2, 6, 5};
  CHECK(rank_test(left, right) == doctest::Approx(rank_test(right, left)));
}

TEST_CASE("equal values share their rank") {
  CHECK(rank_test(Values{1, 1, 1, 1}, Values{1, 1, 1, 1}) == doctest::Approx(1));
  CHECK(rank_test(Values{1, 1, 2, 2}, Values{1, 1, 2, 2}) == doctest::Approx(1));
  CHECK(rank_test(Values{1, 1, 1, 1}, Values{2, 2, 2, 2}) == doctest::Approx(2.0 / 70));
}

TEST_CASE("infinity ranks above every number and one outlier hides nothing") {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  CHECK(rank_test(Values{1, 2, 3, 4}, Values{5, 6, kInfinity, kInfinity}) ==
        doctest::Approx(2.0 / 70));
  CHECK(rank_test(Values{1, 2, 3, 4}, Values{5, 6, 7, 1e9}) == doctest::Approx(2.0 / 70));
}

TEST_CASE("an empty side is not apart from anything") {
  CHECK(rank_test(Values{}, Values{1, 2}) == 1);
  CHECK(rank_test(Values{1, 2}, Values{}) == 1);
}

TEST_CASE("many runs are judged by a sample of splits that is the same each time") {
  CHECK(apart(60, 60) == doctest::Approx(1.0 / (kSampledSplits + 1)));
  std::mt19937_64 random(7);
  Values left;
  Values right;
  for (int i = 0; i < 50; ++i) left.push_back(static_cast<double>(random() % 1000));
  for (int i = 0; i < 50; ++i) right.push_back(static_cast<double>(random() % 1000 + 80));
  const double exact = rank_test(left, right);
  left.push_back(500);
  const double sampled = rank_test(left, right);
  CHECK(sampled == doctest::Approx(exact).epsilon(0.5));
  CHECK(rank_test(left, right) == sampled);
}

}  // namespace
}  // namespace echo
