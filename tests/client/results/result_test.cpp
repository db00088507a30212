#include "client/results/result.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <stdexcept>

#include "tests/client/results/made_result.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::bad_result;
using testing::good_result;

TEST_CASE("errors are messages that failed and connections that failed or were lost") {
  CHECK(failures(good_result().counters) == 0);
  CHECK(failures(bad_result().counters) == 5 + 4 + 3 + 2 + 1 + 2);
}

TEST_CASE("the share of errors is of messages due and connections asked for") {
  CHECK(failed_share(good_result().counters) == 0.0);
  CHECK(failed_share(bad_result().counters) == doctest::Approx(17.0 / (109 + 5 + 3)));
  CHECK_FALSE(failed_share(Counters()).has_value());
}

TEST_CASE("time to the last answer does not dilute the rate of an open loop") {
  Result result = good_result();
  result.duration = 10'300ms;
  CHECK(result.achieved_rate() == 10);
  result.counters.messages.echoed = 50;
  CHECK(result.achieved_rate() == 5);
}

TEST_CASE("a rate that was kept is achieved, though its schedule is rounded to nanoseconds") {
  Result result = good_result();
  result.asked_rate = 60;
  result.scheduled = 1'666'666'667ns;  // of 100 messages
  result.counters.messages.echoed = 100;
  CHECK(result.achieved_rate() == 60);
  result.counters.messages.echoed = 99;
  CHECK(result.achieved_rate() == doctest::Approx(59.4));
}

TEST_CASE("the rate of a closed loop is over the real duration") {
  Result result = good_result();
  result.asked_rate = 0;
  result.duration = 8s;
  CHECK(result.achieved_rate() == 12.5);
  CHECK(Result().achieved_rate() == 0);
}

TEST_CASE("the lowest rate of an interval leaves out a last one that was cut short") {
  Result result = good_result();
  result.intervals[4].echoed = 3;
  result.intervals[9] = {.start = 9s, .length = 40ms, .echoed = 0};
  CHECK(result.lowest_interval_rate() == 3.0);
  result.intervals[0].length = 3s;
  CHECK(result.lowest_interval_rate() == 3.0);
  CHECK_FALSE(Result().lowest_interval_rate().has_value());
}

TEST_CASE("the lowest rate of an interval leaves out the time in which nothing is due") {
  Result result = good_result();
  result.intervals[9].length = 6s;  // an answer was awaited until its timeout
  CHECK(result.lowest_interval_rate() == 10.0);
  result.intervals[9].length = 1s;
  result.intervals.push_back({.start = 10s, .length = 5s, .echoed = 0});
  CHECK(result.lowest_interval_rate() == 10.0);
  result.asked_rate = 0;  // a closed loop has no such time
  CHECK(result.lowest_interval_rate() == 0.0);
}

TEST_CASE("counters that overflow are refused") {
  Counters counters;
  counters.messages.sent = ~std::uint64_t{0};
  Counters one;
  one.messages.sent = 1;
  CHECK_THROWS_AS(counters.add(one), std::overflow_error);
}

TEST_CASE("counters add up field by field") {
  Counters sum = bad_result().counters;
  sum.add(bad_result().counters);
  CHECK(sum.messages.unsent == 10);
  CHECK(sum.messages.corrupt == 4);
  CHECK(sum.connections.lost == 4);
  CHECK(sum.bytes.received == 12'800);
  CHECK(sum.failures[static_cast<std::size_t>(Failure::timeout)] == 8);
  CHECK(failures(sum) == 34);
}

TEST_CASE("a run without a message due is one in which nothing happened") {
  CHECK(Result().nothing_happened());
  Result unsent;
  unsent.counters.messages.unsent = 1;
  CHECK_FALSE(unsent.nothing_happened());
  Result corrupt;
  corrupt.counters.messages.corrupt = 1;
  CHECK_FALSE(corrupt.nothing_happened());
}

TEST_CASE("the system is that of this machine") {
  CHECK(System::current().kernel.starts_with("Linux "));
  CHECK(System::current().cpus >= 1);
}

}  // namespace
}  // namespace echo
