#include "client/results/objective.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

namespace echo {
namespace {

using Kind = Objective::Kind;

TEST_CASE("an objective is read with its metric and comparison and limit") {
  const Objective time = Objective::parse("connect.p99.9<=1.5ms");
  CHECK(time.kind == Kind::percentile);
  CHECK(time.metric == Metric::connect);
  CHECK(time.percentage == 99.9);
  CHECK(time.comparison == "<=");
  CHECK(time.limit == 1500);
  CHECK(time.unit() == "us");
  CHECK(time.time_unit == "ms");
  CHECK(time.time_factor == 1000);
  CHECK(Objective::parse("send_lateness.max<5us").metric == Metric::send_lateness);
  CHECK(Objective::parse("service_time.mean<5us").kind == Kind::mean);
  CHECK(Objective::parse("latency.min>5us").metric == Metric::latency);
  CHECK(Objective::parse("errors<3").kind == Kind::errors);
  CHECK(Objective::parse("errors<0.1%").kind == Kind::error_share);
  CHECK(Objective::parse("rate>1.5k").limit == 1500);
  CHECK(Objective::parse("rate>2M").kind == Kind::rate);
  CHECK(Objective::parse("rate>=0.98").kind == Kind::rate_share);
}

TEST_CASE("blanks in an objective do not matter and are not kept") {
  CHECK(Objective::parse(" p99 <\t5 ms ").text == "p99<5ms");
  CHECK(Objective::parse("errors <= 0.1 %").limit == 0.1);
}

TEST_CASE("anything other than an objective is refused with the grammar") {
  for (const std::string text :
       {"",          " ",          "p99",        "p99<",           "p99<.",      "p99<.5",
        "p99<5.5.5", "<5ms",       "p<5ms",      "p101<5ms",       "p99<5x",     "p99==5ms",
        "p99<=>5ms", "q99<5ms",    "errors<",    "errors<x",       "errors<%",   "errors<-1",
        "errors<-0", "errors<nan", "errors<inf", "errors<nan%",    "rate>",      "rate>x",
        "rate>inf",  "rate>nan",   "rate>k",     "connect.rate>1", "pnan<5ms",   "pinf<5ms",
        "p-1<5ms",   "p99<-5ms",   "p99<nanms",  "p99<5ms5ms",     "foo.p99<5ms"}) {
    CAPTURE(text);
    try {
      Objective::parse(text);
      FAIL_CHECK("was accepted");
    } catch (const std::invalid_argument& error) {
      CHECK(std::string(error.what()).starts_with("'" + text + "' is not METRIC<LIMIT"));
    }
  }
}

TEST_CASE("a time without a unit is refused with what to write") {
  for (const std::string text : {"p99<5", "p99 < 0.5", "connect.max>=3"}) {
    CAPTURE(text);
    std::string compact = text;
    std::erase(compact, ' ');
    try {
      Objective::parse(text);
      FAIL_CHECK("was accepted");
    } catch (const std::invalid_argument& error) {
      CHECK(error.what() == "'" + text + "' has no unit: write " + compact + "ms");
    }
  }
}

}  // namespace
}  // namespace echo
