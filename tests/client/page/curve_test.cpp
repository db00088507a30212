#include "client/page/curve.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace echo {
namespace {

using namespace std::chrono_literals;

Histogram milliseconds_up_to(int last) {
  Histogram times;
  for (int i = 1; i <= last; ++i) times.record(i * 1ms);
  return times;
}

TEST_CASE("a curve goes from the minimum to the maximum and rises") {
  const Histogram times = milliseconds_up_to(1000);
  const auto points = curve_of(times, {}, CurveDetail::fine);
  CHECK(points.front().percentile == 0);
  CHECK(points.front().value == 1ms);
  CHECK(points.back().percentile == 100);
  CHECK(points.back().value == 1s);
  for (std::size_t i = 1; i < points.size(); ++i) {
    CHECK(points[i].percentile > points[i - 1].percentile);
    CHECK(points[i].value >= points[i - 1].value);
  }
}

TEST_CASE("a curve has the nines as people write them and those that were asked for") {
  const Histogram times = milliseconds_up_to(2000);
  for (const CurveDetail detail : {CurveDetail::coarse, CurveDetail::fine}) {
    const auto points = curve_of(times, {42, 99.95, 99.99}, detail);
    for (const double percentile : {42.0, 50.0, 90.0, 95.0, 99.0, 99.9}) {
      const auto found = std::ranges::find(points, percentile, &CurvePoint::percentile);
      REQUIRE(found != points.end());
      CHECK(found->value == times.percentile(percentile));
    }
    // Among 2,000 values it is the maximum.
    CHECK(std::ranges::count(points, 99.99, &CurvePoint::percentile) == 0);
  }
}

TEST_CASE("a curve of no value is empty and one of a single value has two points") {
  CHECK(curve_of(Histogram(), {50}, CurveDetail::fine).empty());
  const auto points = curve_of(milliseconds_up_to(1), {50}, CurveDetail::fine);
  REQUIRE(points.size() == 2);
  CHECK(points[0].value == 1ms);
  CHECK(points[1].value == 1ms);
}

}  // namespace
}  // namespace echo
