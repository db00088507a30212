#include "client/page/shown_intervals.h"

#include <doctest/doctest.h>

namespace echo {
namespace {

using namespace std::chrono_literals;

std::vector<Interval> seconds_with_a_spike(std::size_t count, std::size_t spike) {
  std::vector<Interval> all;
  for (std::size_t i = 0; i < count; ++i) {
    Interval one;
    one.start = i * 1s;
    one.length = 1s;
    one.echoed = 10;
    one.errors = 1;
    one.connections = i;
    one.p50 = one.p99 = one.max = i == spike ? 2s : 1ms;
    one.lateness = i == spike ? 3ms : 1us;
    all.push_back(one);
  }
  return all;
}

TEST_CASE("intervals that have room stay as they are") {
  const auto shown = shown_intervals(seconds_with_a_spike(5, 2), 5);
  CHECK(shown.each == 1);
  CHECK(shown.rows.size() == 5);
  CHECK(shown.rows[2].max == 2s);
  CHECK(shown_intervals({}, 5).rows.empty());
}

TEST_CASE("intervals that become one keep their spike and their errors") {
  const auto shown = shown_intervals(seconds_with_a_spike(10, 4), 4);
  CHECK(shown.each == 3);
  REQUIRE(shown.rows.size() == 4);
  const Interval& second = shown.rows[1];
  CHECK(second.start == 3s);
  CHECK(second.length == 3s);
  CHECK(second.echoed == 30);
  CHECK(second.rate() == 10);
  CHECK(second.errors == 3);
  CHECK(second.connections == 5);
  CHECK(second.max == 2s);
  CHECK(second.p99 == 2s);
  CHECK(second.lateness == 3ms);
  CHECK(shown.rows[0].max == 1ms);
  CHECK(shown.rows[3].length == 1s);
}

}  // namespace
}  // namespace echo
