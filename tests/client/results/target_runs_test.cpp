#include "client/results/target_runs.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "client/results/findings.h"
#include "client/results/json_report.h"
#include "client/results/target_comparison.h"
#include "tests/client/results/made_result.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::bad_result;
using testing::good_result;

Result failed_run(const char* why) {
  Result run;
  run.plan = good_result().plan;
  run.asked_rate = run.plan.rate;
  run.counters.connections.asked = run.counters.connections.failed = 2;
  run.error = why;
  return run;
}

LoadPlan plan_with(std::initializer_list<const char*> objectives) {
  LoadPlan plan = good_result().plan;
  for (const char* text : objectives) plan.objectives.push_back(Objective::parse(text));
  return plan;
}

// Two targets whose runs know the objectives, as those of echoc do.
Result judged_sum(std::initializer_list<const char*> objectives, std::vector<TargetRuns> targets) {
  const LoadPlan plan = plan_with(objectives);
  for (TargetRuns& target : targets) {
    for (Result& run : target.runs) run.plan.objectives = plan.objectives;
  }
  Result sum = sum_of_targets(plan, std::move(targets));
  judge_all(sum);
  return sum;
}

TEST_CASE("runs one after another add counts and durations but not what was asked for") {
  const Result sum = sum_of_runs({good_result(), good_result(), good_result()});
  CHECK(sum.counters.messages.echoed == 300);
  CHECK(sum.counters.connections.made == 6);
  CHECK(sum.histogram(Metric::latency).count() == 300);
  CHECK(sum.duration == 3 * 10'020ms);
  CHECK(sum.scheduled == 30s);
  CHECK(sum.asked_rate == 10);
  CHECK(sum.achieved_rate() == doctest::Approx(10));
  CHECK(sum.plan.connections == 2);
  CHECK(sum.generator.threads == 2);
  CHECK(sum.generator.cpu == 4500ms);
  CHECK(sum.generators == 1);
  CHECK(sum.intervals.empty());
  CHECK(sum_of_runs({}).nothing_happened());
}

TEST_CASE("the sum of targets names them all and keeps their runs") {
  LoadPlan plan = good_result().plan;
  plan.json = "out";
  const Result sum =
      sum_of_targets(plan, {{"a:1", {good_result(), good_result()}}, {"b:1", {good_result()}}});
  CHECK(sum.target == "a:1, b:1");
  CHECK(sum.counters.messages.echoed == 300);
  CHECK(sum.achieved_rate() == doctest::Approx(10));
  CHECK(sum.plan.json == "out");
  CHECK(sum.targets.at(0).runs.size() == 2);
  CHECK(sum.targets.at(1).runs.size() == 1);
  CHECK(warnings(sum).empty());
}

TEST_CASE("what a socket had and the spin are those of the first run with a connection") {
  Result good = good_result();
  good.plan.spin = 0ns;
  good.socket = EffectiveSocket{{}, {}, 1000, 1000, {}};
  const Result failed = failed_run("no route");
  REQUIRE(failed.plan.spin != good.plan.spin);
  for (const auto& runs : {std::vector{failed, good, failed}, std::vector{failed, failed, good}}) {
    const Result sum = sum_of_targets(failed.plan, {{"a:1", {failed}}, {"b:1", runs}});
    CHECK(sum.socket == good.socket);
    CHECK(sum.plan.spin == 0ns);
  }
}

TEST_CASE("warnings name their target and the rounds without a result") {
  Result few = good_result();
  few.counters.connections.made = 1;
  const Result sum = sum_of_targets(
      good_result().plan,
      {{"a:1", {good_result(), failed_run("no route"), good_result(), few}}, {"b:1", {}}});
  CHECK(warnings(sum) ==
        std::vector<std::string>{"a:1: 1 of 4 rounds (2) measured nothing: no route",
                                 "a:1: 1 of 4 rounds (4) began with fewer connections than asked "
                                 "for"});
}

TEST_CASE("rounds that began with few connections are told of once and not added up") {
  Result few = good_result();
  few.counters.connections.made = 1;
  const Result sum = sum_of_targets(few.plan, {{"a:1", {few, few}}, {"b:1", {good_result()}}});
  CHECK(sum.remarks == std::vector<std::string>{
                           "a:1: 2 of 2 rounds (1, 2) began with fewer connections than asked "
                           "for"});
}

TEST_CASE("an objective judges each target over all its rounds") {
  Result slow = good_result();
  slow.histogram(Metric::latency).record(1h);
  const Result sum = judged_sum({"max<1s", "rate>9.9"}, {{"a:1", {good_result(), good_result()}},
                                                         {"b:1", {good_result(), slow}}});
  std::vector<std::string> lines;
  for (const Verdict& verdict : sum.verdicts) lines.push_back(verdict.line());
  CHECK(lines == std::vector<std::string>{"a:1 max<1s: met, 0.100 s", "a:1 rate>9.9: met, 10.0/s",
                                          "b:1 max<1s: missed, 3600 s",
                                          "b:1 rate>9.9: met, 10.0/s"});
  CHECK(exit_status(sum) == 3);
  const auto saved = nlohmann::json::parse(json_report(sum));
  CHECK(saved.at("slo").at(2).at("target") == "b:1");
  CHECK(saved.at("targets").at(1).at("runs").at(1).at("latency").at("max") == 3.6e9);
}

TEST_CASE("the most serious status of all runs is that of several targets") {
  const auto status = [](std::initializer_list<const char*> objectives, Result one, Result other) {
    return exit_status(judged_sum(
        objectives, {{"a:1", {good_result(), std::move(one)}}, {"b:1", {std::move(other)}}}));
  };
  Result partial = good_result();
  partial.partial = true;
  Result lost = good_result();
  lost.counters.messages.lost = 1;
  CHECK(status({}, good_result(), good_result()) == 0);
  CHECK(status({"max<1ms"}, good_result(), good_result()) == 3);
  CHECK(status({"max<1ms"}, good_result(), lost) == 1);
  CHECK(status({}, good_result(), failed_run("no route")) == 1);
  CHECK(status({}, lost, partial) == 130);
  CHECK(status({}, partial, bad_result()) == 4);
  CHECK(status({"errors<5"}, lost, good_result()) == 0);
  CHECK(status({"errors<5"}, good_result(), failed_run("no route")) == 3);
  CHECK(status({"errors<5"}, failed_run("no route"), good_result()) == 3);
}

TEST_CASE("figures are medians of complete rounds and errors are compared") {
  Result slow = good_result();
  slow.scheduled = 20s;
  Result partial = slow;
  partial.partial = true;
  const TargetRuns target{"a:1", {good_result(), partial, slow, failed_run("no"), good_result()}};
  const TargetFigures figures = figures_of(target);
  CHECK(figures.rounds == 5);
  CHECK(figures.measured == 3);
  CHECK(figures.rate == 10.0);
  CHECK(figures.p50 == doctest::Approx(50'000).epsilon(0.001));
  CHECK(figures.max == 100'000.0);
  CHECK(figures.cpu_per_message == 15'000.0);
  CHECK(figures_of({"b:1", {partial}}).rate == 5.0);
  CHECK_FALSE(figures_of({"b:1", {failed_run("no")}}).rate);
  CHECK_FALSE(compare_targets(target, {"b:1", {partial, failed_run("no")}}));

  const auto comparison = compare_targets(target, {"b:1", {bad_result()}});
  REQUIRE(comparison);
  CHECK(comparison->base_runs == 3);
  CHECK_FALSE(comparison->has_enough_runs());
  std::vector<std::string> names;
  for (const Difference& one : comparison->differences) names.push_back(one.name);
  CHECK(names ==
        std::vector<std::string>{"rate", "p50", "p99", "max", "errors", "cpu_per_message"});
  CHECK(comparison->differences.at(4).next == 17);
}

}  // namespace
}  // namespace echo
