#include "tests/support/service_rules.h"

#include <doctest/doctest.h>

#include <chrono>
#include <vector>

#include "tests/support/made_time.h"

namespace echo::testing {
namespace {

using namespace std::chrono_literals;

// How long each message waits, of those that come at these times since the start.
std::vector<std::chrono::nanoseconds> waits(ServiceRule& rule,
                                            const std::vector<std::chrono::nanoseconds>& times) {
  std::vector<std::chrono::nanoseconds> all;
  for (const auto time : times) all.push_back(rule.answer_at(kStart + time) - (kStart + time));
  return all;
}

// The same of messages that come evenly for two seconds: the last one.
std::chrono::nanoseconds last_wait(ServiceRule& rule, double rate) {
  std::chrono::nanoseconds last{0};
  for (int i = 0; i < 2 * rate; ++i) {
    const auto now = kStart + std::chrono::nanoseconds(static_cast<long>(i * 1e9 / rate));
    last = rule.answer_at(now) - now;
  }
  return last;
}

TEST_CASE("a token bucket answers its burst at once and the rest at its rate") {
  TokenBucket rule(100, 3);
  CHECK(waits(rule, {0ms, 0ms, 0ms, 0ms, 0ms}) ==
        std::vector<std::chrono::nanoseconds>{0ms, 0ms, 0ms, 10ms, 20ms});
}

TEST_CASE("a token bucket saves no more than its burst") {
  TokenBucket rule(100, 2);
  CHECK(waits(rule, {0ms, 0ms, 0ms, 10s, 10s, 10s, 10s}) ==
        std::vector<std::chrono::nanoseconds>{0ms, 0ms, 10ms, 0ms, 0ms, 10ms, 20ms});
}

TEST_CASE("a token bucket makes nobody wait below its rate") {
  TokenBucket rule(100, 1);
  CHECK(last_wait(rule, 99) == 0ms);
  TokenBucket same(100, 1);
  CHECK(last_wait(same, 200) > 900ms);
}

TEST_CASE("a latency grows with the load") {
  struct Point {
    double rate;
    std::chrono::nanoseconds wait;
  };
  for (const Point point : {Point{4, 10ms}, {200, 20ms}, {320, 50ms}, {360, 100ms}}) {
    LoadedLatency rule(10ms, 400, 1s);
    CAPTURE(point.rate);
    const auto last = last_wait(rule, point.rate);
    CHECK(last >= point.wait * 99 / 100);
    CHECK(last <= point.wait * 102 / 100);
  }
}

TEST_CASE("a latency grows no more beyond the capacity") {
  LoadedLatency rule(10ms, 400, 1s);
  const auto last = last_wait(rule, 4000);
  CHECK(last > 999ms);
  CHECK(last < 1001ms);
}

TEST_CASE("a latency that falls lets no answer pass another") {
  LoadedLatency rule(1s, 40, 100ms);
  rule.answer_at(kStart);
  CHECK(rule.answer_at(kStart) == kStart + 2s);
  CHECK(rule.answer_at(kStart + 500ms) == kStart + 2s);
}

}  // namespace
}  // namespace echo::testing
