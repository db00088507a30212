#include "client/results/findings.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/client/results/made_result.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::good_result;

using Lines = std::vector<std::string>;

Result late_generator() {
  Result result = good_result();
  result.plan.percentiles = {10, 99};
  result.latency_without_echoc.clear();
  for (int i = 1; i <= 100; ++i) result.latency_without_echoc.record(i * (i > 90 ? 100us : 1ms));
  result.generator.longest_pause = 2s;
  return result;
}

TEST_CASE("a good result has no warning") {
  CHECK(warnings(good_result()) == Lines{});
}

TEST_CASE("connections that did not stand when the clock started are a warning") {
  Result result = good_result();
  result.counters.connections.made = 1;
  CHECK(warnings(result) == Lines{"only 1 of 2 connections stood when the clock started"});
}

TEST_CASE("connections that stayed silent and wrong bytes in the warm-up are warnings") {
  Result result = good_result();
  result.counters.connections.silent = 1;
  result.counters.messages.corrupt_in_warmup = 2;
  CHECK(warnings(result) ==
        Lines{"not one byte came back on 1 of 2 connections",
              "2 messages came back wrong before the measuring began, and in no other figure"});
}

TEST_CASE("a percentile that the own lateness of echoc moves is a warning") {
  Result result = late_generator();
  const std::string line =
      "echoc itself was late: without that p99 would be 89.1ms instead of 99.0ms; its longest "
      "pause was 2.00s. ";
  const std::string rest = "a lower rate, more --threads or a quieter machine would help";
  CHECK(warnings(result) == Lines{line + "--spin 200us, " + rest});
  result.plan.spin_adaptive = false;
  result.plan.spin = 100us;
  CHECK(warnings(result) == Lines{line + "--spin 200us, " + rest});
  // Where it polls already that is no remedy.
  result.plan.spin = 200us;
  CHECK(warnings(result) == Lines{line + "A" + rest.substr(1)});
}

TEST_CASE("a part of a tenth or of ten microseconds moves no percentile") {
  const auto moved = [](auto latency, auto without) {
    Result result;
    result.plan.percentiles = {50};
    result.histogram(Metric::latency).record(latency);
    result.latency_without_echoc.record(without);
    return !moved_percentiles(result).empty();
  };
  CHECK_FALSE(moved(100us, 90us));
  CHECK(moved(100us, 89us));
  CHECK_FALSE(moved(20us, 10us));
  CHECK(moved(21us, 10us));
  CHECK_FALSE(moved(10ms, 9ms));
  CHECK_FALSE(moved(1us, 2us));
}

TEST_CASE("a result that does not know the own part of echoc says nothing of it") {
  Result result = late_generator();
  result.latency_without_echoc.clear();
  CHECK(moved_percentiles(result).empty());
  CHECK(limited_by(result) == LimitedBy::rate);
}

TEST_CASE("many messages that waited are a warning with as many connections as it takes") {
  Result result = good_result();
  result.asked_rate = 1000;
  result.counters.messages.waited = 1;
  CHECK(warnings(result) == Lines{});
  result.counters.messages.waited = 2;
  // The 99th percentile of the service time is 89.1 ms, in which 90 messages are due.
  CHECK(warnings(result) == Lines{"2 % of the messages waited for a busy connection: "
                                  "unless the server is the limit, --connections 90 or --pipeline "
                                  "45 would spare them that"});
  result.longest_wait = 43ms;
  CHECK(warnings(result) ==
        Lines{"2 % of the messages waited for a busy connection (up to 43.0ms): "
              "unless the server is the limit, --connections 90 or --pipeline 45 would spare them "
              "that"});
  result.plan.pipeline = 8;
  CHECK(warnings(result).front().find("--connections 12 or --pipeline 45 ") != std::string::npos);
}

TEST_CASE("where the time says that there are enough connections one more is proposed") {
  Result result = good_result();
  result.counters.messages.waited = 50;
  CHECK(
      warnings(result) ==
      Lines{
          "50 % of the messages waited for a busy connection: "
          "unless the server is the limit, --connections 3 or --pipeline 2 would spare them that"});
}

TEST_CASE("messages that never left and such without an answer are warnings") {
  Result result = good_result();
  result.counters.messages.unsent = 5;
  result.counters.messages.timed_out = 1'000;
  result.counters.messages.lost = 1;
  CHECK(warnings(result) ==
        Lines{"5 messages were due and never sent because no connection was free: among the "
              "errors, not in the times",
              "1,001 messages were not answered: among the errors, not in the times"});
}

TEST_CASE("messages that never left because echoc was late are told so") {
  Result result = late_generator();
  result.counters.messages.unsent = 5;
  CHECK(warnings(result).back() ==
        "5 messages were due and never sent because echoc itself was late: among the errors, not "
        "in the times");
}

TEST_CASE("where nothing is answered more connections are no remedy") {
  Result result = good_result();
  result.counters.messages.lost = result.counters.messages.waited =
      std::exchange(result.counters.messages.echoed, 0);
  CHECK(limited_by(result) == LimitedBy::server);
  CHECK(warnings(result) == Lines{"100 messages were not answered: among the errors, not in the "
                                  "times"});
}

TEST_CASE("no more than all are told as the share of the errors") {
  Counters counters;
  counters.messages.sent = 20;
  counters.connections.asked = 2;
  counters.connections.lost = 11;
  CHECK(share_of_errors(counters) == "50 % of the messages due and connections asked for");
  counters.connections.lost = 23;
  CHECK(share_of_errors(counters) == "more than all messages due and connections asked for");
}

TEST_CASE("of several addresses each that failed is a warning") {
  Result result = good_result();
  result.addresses = {{"10.9.0.77:7007", 0, 8, "timed out"}, {"10.9.0.78:7007", 2, 0, ""}};
  CHECK(warnings(result) ==
        Lines{"10.9.0.77:7007 failed 8 times (timed out) and answered 0 times"});
  result.addresses.pop_back();
  CHECK(warnings(result) == Lines{});
}

TEST_CASE("remarks come first among the warnings") {
  Result result = good_result();
  result.counters.messages.unsent = 5;
  result.remarks = {"something else"};
  CHECK(warnings(result).size() == 2);
  CHECK(warnings(result).front() == "something else");
}

TEST_CASE("the generator limits a run before the connections and those before the rate") {
  Result result = late_generator();
  result.counters.messages.waited = 50;
  CHECK(limited_by(result) == LimitedBy::generator);
  result.latency_without_echoc = result.histogram(Metric::latency);
  CHECK(limited_by(result) == LimitedBy::connections);
  result.counters.messages.waited = 1;
  CHECK(limited_by(result) == LimitedBy::rate);
  result.counters.messages.echoed = 99;
  CHECK(limited_by(result) == LimitedBy::rate);
  result.counters.messages.echoed = 98;
  CHECK(limited_by(result) == LimitedBy::server);
  result.asked_rate = 0;
  CHECK(limited_by(result) == LimitedBy::server);
  CHECK(name(LimitedBy::rate) == "rate");
  CHECK(name(LimitedBy::connections) == "connections");
}

TEST_CASE("the time of a rate is that of the run and not what the last message has a share of") {
  Result result = good_result();
  result.plan.rate = result.asked_rate = 0.5;
  result.plan.duration = 3s;
  result.duration = 3'001ms;
  result.scheduled = 4s;
  CHECK(rate_time(result) == 3s);
  result.duration = 5s;  // a late answer was awaited
  CHECK(rate_time(result) == 3s);
  result.duration = 6s;
  result.scheduled = 6s;  // two rounds
  CHECK(rate_time(result) == 6s);
  result.scheduled = 4s;
  result.duration = 2'500ms;  // interrupted
  CHECK(rate_time(result) == 2'500ms);
  result.plan.count = 2;
  CHECK(rate_time(result) == 2'500ms);
  result.duration = 5s;
  CHECK(rate_time(result) == 4s);
  result.plan.count = 0;
  result.generators = 2;  // which may have been told different times
  CHECK(rate_time(result) == 4s);
  result.asked_rate = 0;
  CHECK(rate_time(result) == 5s);
}

}  // namespace
}  // namespace echo
