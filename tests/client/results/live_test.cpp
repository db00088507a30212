#include "client/results/live.h"

#include <doctest/doctest.h>

#include <string>

namespace echo {
namespace {

using namespace std::chrono_literals;

LoadPlan small_plan() {
  LoadPlan plan;
  plan.address = Address::parse("127.0.0.1:7007");
  plan.seed = 42;
  return plan;
}

Interval busy_second() {
  return {.start = 11s,
          .length = 1s,
          .echoed = 9'998,
          .connections = 10,
          .p50 = 87'200ns,
          .p99 = 1'350us,
          .max = 2'010ms};
}

TEST_CASE("the header says what is about to be done") {
  CHECK(run_header(small_plan()) ==
        "echoc load 127.0.0.1:7007\n"
        "  closed loop, as fast as answers come, for 10s\n"
        "  10 connections\n"
        "  64 bytes per message, seed 42\n");
  LoadPlan plan = small_plan();
  plan.rate = 1500;
  plan.count = 20'000;
  plan.connections = 1;
  plan.ramp_up = 500ms;
  plan.warmup = 2s;
  plan.largest = 4096;
  plan.pipeline = 8;
  plan.messages_per_connection = 1;
  CHECK(run_header(plan) ==
        "echoc load 127.0.0.1:7007\n"
        "  open loop, 1,500 messages/s, 20,000 messages, ramp-up 500ms, warm-up 2s\n"
        "  1 connection, each for 1 message\n"
        "  64 to 4,096 bytes per message, 8 outstanding, seed 42\n");
  plan.rate = 0.5;
  CHECK(run_header(plan).find("open loop, 0.5 messages/s, ") != std::string::npos);
}

TEST_CASE("a live line has the rate and times and connections and the time left") {
  CHECK(progress_line(busy_second(), TimeLeft(9s)) ==
        " 12.0 s  10.0k/s  p50 87.2us p99 1.35ms max 2.01s  connections 10, 9.0 s left");
  Interval failing = busy_second();
  failing.errors = 3;
  failing.connections = 8;
  CHECK(progress_line(failing, std::nullopt) ==
        " 12.0 s  10.0k/s  p50 87.2us p99 1.35ms max 2.01s  connections 8, errors 3");
}

TEST_CASE("an interval without an answer has no times") {
  CHECK(progress_line({.start = 0s, .length = 1s, .connections = 2}, TimeLeft(9s)) ==
        "  1.0 s  0/s  p50 - p99 - max -  connections 2, 9.0 s left");
}

TEST_CASE("a live line is never wider than a terminal and loses the least important first") {
  Interval interval = busy_second();
  CHECK(progress_line(interval, TimeLeft(129'599s)) ==
        " 12.0 s  10.0k/s  p99 1.35ms max 2.01s  connections 10, 35 h 59 min left");
  interval.start = 99h;
  interval.errors = 12'345'678;
  interval.connections = 100'000;
  CHECK(progress_line(interval, TimeLeft(129'599s)) ==
        " 99.0 h  10.0k/s  p99 1.35ms  connections 100k, errors 12.3M, 35 h 59 min left");
  for (const auto left : {0ns, std::chrono::nanoseconds(999h)}) {
    CHECK(progress_line(interval, TimeLeft(left)).size() <= 78);
  }
}

TEST_CASE("a phase without figures is named with the time left") {
  CHECK(phase_line("warm-up", TimeLeft(35s)) == "warm-up, 35 s left");
  CHECK(phase_line("connecting", std::nullopt) == "connecting");
  CHECK(phase_line("waiting for late answers", TimeLeft(5s, TimeLeft::Kind::at_most)) ==
        "waiting for late answers, at most 5.0 s left");
}

TEST_CASE("a time left that is only estimated says so") {
  CHECK(progress_line(busy_second(), TimeLeft(245s, TimeLeft::Kind::about)) ==
        " 12.0 s  10.0k/s  p99 1.35ms max 2.01s  connections 10, about 4 min 5 s left");
}

}  // namespace
}  // namespace echo
