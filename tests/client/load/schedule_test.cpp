#include "client/load/schedule.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/support/made_time.h"

namespace echo::load {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using testing::kStart;

TEST_CASE("messages of all connections are due evenly one after another") {
  const Schedule schedule(1000, 10, 0ns, kStart);
  CHECK(schedule.due(0, 0) == kStart);
  CHECK(schedule.due(1, 0) == kStart + 1ms);
  CHECK(schedule.due(9, 0) == kStart + 9ms);
  CHECK(schedule.due(0, 1) == kStart + 10ms);
  CHECK(schedule.due(3, 100) == kStart + 1003ms);
}

TEST_CASE("a rate that does not divide a second keeps its beat without drift") {
  const Schedule schedule(7, 3, 0ns, kStart);
  for (std::uint64_t second = 0; second < 1'000'000; second += 3) {
    // 7 messages a second: number 7s of all is due exactly s seconds after the start.
    const std::uint64_t number = 7 * second;
    REQUIRE(schedule.due(number % 3, number / 3) == kStart + std::chrono::seconds(second));
  }
  CHECK(schedule.due(1, 0) == kStart + 142'857'142ns);
}

TEST_CASE("a day of a million messages a second is exact to the nanosecond") {
  const Schedule schedule(1'000'000, 4, 0ns, kStart);
  const std::uint64_t number = 86'400'000'000;
  CHECK(schedule.due(number % 4, number / 4) == kStart + 24h);
  CHECK(schedule.due((number + 3) % 4, (number + 3) / 4) == kStart + 24h + 3us);
}

TEST_CASE("a rate that is not a whole number does not drift") {
  CHECK(Schedule(0.5, 1, 0ns, kStart).due(0, 1) == kStart + 2s);
  CHECK(Schedule(0.5, 1, 0ns, kStart).due(0, 1'000'000'000) == kStart + 2'000'000'000s);
  const Schedule schedule(2.5, 1, 0ns, kStart);
  for (std::uint64_t number = 0; number < 100'000; number += 5) {
    REQUIRE(schedule.due(0, number) == kStart + std::chrono::seconds(number / 5 * 2));
  }
  // A tenth is not exact in binary: it is right to the microsecond after a century.
  const nanoseconds off = Schedule(0.1, 1, 0ns, kStart).due(0, 315'360'000) -
                          (kStart + std::chrono::seconds(3'153'600'000));
  CHECK(off < 1us);
  CHECK(off > -1us);
}

TEST_CASE("a message that is due after more time than there is has the latest time") {
  const Schedule schedule(1e-9, 10, 0ns, kStart);
  CHECK(schedule.due(0, 1) > kStart + std::chrono::hours(24 * 36500));
  CHECK(schedule.first_number(kStart + 1h) == 1);
}

TEST_CASE("while the load ramps up each connection joins in later and keeps the common beat") {
  const Schedule schedule(1000, 10, 2s, kStart);
  for (std::uint64_t i = 0; i < 10; ++i) {
    CAPTURE(i);
    CHECK(schedule.joins(i) == kStart + i * 200ms);
    const std::uint64_t number = schedule.first_number(schedule.joins(i));
    CHECK(schedule.due(number) >= schedule.joins(i));
    if (number > 0) CHECK(schedule.due(number - 1) < schedule.joins(i));
    const std::uint64_t first = schedule.first_message(i, number);
    CHECK(schedule.due(i, first) >= schedule.joins(i));
    if (first > 0) CHECK(schedule.due(i, first - 1) < schedule.joins(i));
  }
}

TEST_CASE("the schedules of several generators are one even schedule") {
  constexpr std::uint64_t kParts = 3;
  const Schedule whole(7, 1, 0s, kStart);
  for (std::uint64_t part = 0; part < kParts; ++part) {
    const double rate = 7.0 / kParts;
    const Schedule one(rate, 1, 0s, kStart + stagger(rate, part, kParts));
    for (std::uint64_t i = 0; i < 1000; ++i) {
      const auto apart = one.due(i) - whole.due(part + i * kParts);
      CHECK(apart <= 3ns);
      CHECK(apart >= 0ns);
    }
  }
  CHECK(stagger(0, 1, 2) == 0s);
  CHECK(stagger(10, 0, 1) == 0s);
  CHECK(stagger(1e-300, 1, 2) < 36500 * 24h);
}

TEST_CASE("several generators have as many messages due in a time as one would") {
  for (const std::uint64_t rate : {1U, 7U, 100U, 999U, 20'000U}) {
    for (const std::uint64_t parts : {1U, 2U, 3U, 7U, 49U}) {
      for (const std::uint64_t time : {1U, 3U, 10U, 3600U}) {
        CAPTURE(rate);
        CAPTURE(parts);
        CAPTURE(time);
        std::uint64_t due = 0;
        for (std::uint64_t part = 0; part < parts; ++part) {
          const double own = static_cast<double>(rate) / static_cast<double>(parts);
          const Schedule one(own, 1, 0s, kStart + stagger(own, part, parts));
          due += one.first_number(kStart + std::chrono::seconds(time));
        }
        CHECK(due == rate * time);
      }
    }
  }
}

TEST_CASE("a closed loop has only the ramp") {
  const Schedule schedule(0, 4, 1s, kStart);
  CHECK_FALSE(schedule.open_loop());
  CHECK(schedule.joins(0) == kStart);
  CHECK(schedule.joins(3) == kStart + 750ms);
}

TEST_CASE("shares are as even as can be and add up to the whole") {
  for (const std::uint64_t whole : {0U, 1U, 9U, 10U, 11U, 1003U}) {
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < 10; ++i) {
      sum += share(whole, i, 10);
      CHECK(share(whole, i, 10) - whole / 10 <= 1);
    }
    CHECK(sum == whole);
  }
}

}  // namespace
}  // namespace echo::load
