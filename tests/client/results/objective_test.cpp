#include "client/results/objective.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "client/results/result.h"

namespace echo::load {
namespace {

using namespace std::chrono_literals;

Result result_of_a_hundred() {
  Result result;
  result.asked_rate = 20;
  result.duration = 10s;
  result.counters.messages.sent = 110;
  result.counters.messages.echoed = 100;
  result.counters.messages.lost = 10;
  for (int i = 1; i <= 100; ++i) result.times(Times::latency).record(i * 1ms);
  result.times(Times::connect).record(7ms);
  return result;
}

bool met(const std::string& text) {
  return judge(Objective::parse(text), result_of_a_hundred()).met;
}

TEST_CASE("objectives on times compare with the percentile or statistic") {
  CHECK(met("p50<51ms"));
  CHECK_FALSE(met("p50<50ms"));
  CHECK(met("p99.9>=100ms"));
  CHECK(met("min<=1.01ms"));
  CHECK(met("mean<51ms"));
  CHECK_FALSE(met("max<100ms"));
  CHECK(met("latency.max<101ms"));
  CHECK(met("connect.p99<8ms"));
  CHECK_FALSE(met("connect.p99<7ms"));
}

TEST_CASE("objectives on errors take a number or a percentage") {
  CHECK(met("errors<11"));
  CHECK_FALSE(met("errors<10"));
  CHECK(met("errors<9.1%"));
  CHECK_FALSE(met("errors<9%"));
}

TEST_CASE("objectives on the rate take a number a second or a share of the asked one") {
  CHECK(met("rate>9"));
  CHECK_FALSE(met("rate>10"));
  CHECK(met("rate>=0.5"));
  CHECK_FALSE(met("rate>0.98"));
  CHECK_FALSE(met("rate>1k"));
}

TEST_CASE("a time that was never measured meets nothing") {
  CHECK_FALSE(judge(Objective::parse("p99<1s"), Result()).met);
}

TEST_CASE("what is not an objective is refused with the grammar") {
  for (const std::string text : {"", "p99", "p99<", "p99<5", "<5ms", "p<5ms", "p101<5ms", "p99<5x",
                                 "p99==5ms", "q99<5ms", "errors<", "errors<x", "errors<%",
                                 "errors<-1", "rate>", "rate>x", "connect.rate>1", "p99<5ms "}) {
    if (text == "p99<5") continue;  // five seconds, as everywhere
    CAPTURE(text);
    try {
      Objective::parse(text);
      FAIL_CHECK("was accepted");
    } catch (const std::invalid_argument& error) {
      CHECK(std::string(error.what()).starts_with("'" + text + "' is not METRIC<LIMIT"));
    }
  }
}

}  // namespace
}  // namespace echo::load
