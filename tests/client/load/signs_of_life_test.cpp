#include "client/load/signs_of_life.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/made_time.h"

namespace echo::load {
namespace {

using namespace std::chrono_literals;
using testing::kStart;

// Every line of a run that takes each as soon as it is due, with the time since the start.
std::vector<std::string> all_lines(SignsOfLife& signs, SteadyTime until) {
  std::vector<std::string> lines;
  while (signs.next() < until) {
    const SteadyTime now = signs.next();
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now - kStart).count();
    if (const auto line = signs.take(now)) lines.push_back(std::to_string(since) + ": " + *line);
  }
  return lines;
}

TEST_CASE("connecting has a line per interval") {
  const LoadPlan plan;
  SignsOfLife signs(plan, kStart);
  CHECK_FALSE(signs.take(kStart));
  CHECK(all_lines(signs, kStart + 2500ms) ==
        std::vector<std::string>{"1000: connecting", "2000: connecting"});
}

TEST_CASE("ramp-up and warm-up have lines with their time left and the measuring has none") {
  LoadPlan plan;
  plan.ramp_up = 1500ms;
  plan.warmup = 2s;
  plan.rate = 10;
  SignsOfLife signs(plan, kStart);
  signs.begin({kStart, kStart + 3500ms, kStart + 13500ms});
  CHECK(all_lines(signs, kStart + 17s) ==
        std::vector<std::string>{"0: ramp-up, 1.5 s left", "1000: ramp-up, 0.5 s left",
                                 "1500: warm-up, 2.0 s left", "2500: warm-up, 1.0 s left",
                                 "14500: waiting for late answers, at most 9.0 s left",
                                 "15500: waiting for late answers, at most 8.0 s left",
                                 "16500: waiting for late answers, at most 7.0 s left"});
}

TEST_CASE("a closed loop waits for late answers no longer than the timeout") {
  const LoadPlan plan;
  SignsOfLife signs(plan, kStart);
  signs.begin({kStart, kStart, kStart + 10s});
  CHECK(all_lines(signs, kStart + 12s) ==
        std::vector<std::string>{"11000: waiting for late answers, at most 4.0 s left"});
  CHECK(signs.take(kStart + 20s) == "waiting for late answers, at most 0.0 s left");
}

TEST_CASE("a run that ends by count has its own lines until its end") {
  LoadPlan plan;
  plan.count = 100;
  plan.warmup = 500ms;
  SignsOfLife signs(plan, kStart);
  signs.begin({kStart, kStart + 500ms, kNever});
  CHECK(all_lines(signs, kStart + 1h) == std::vector<std::string>{"0: warm-up, 0.5 s left"});
  CHECK(signs.next() == kNever);
}

}  // namespace
}  // namespace echo::load
