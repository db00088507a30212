#include "client/results/run_measures.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "common/usage_error.h"
#include "tests/client/results/made_result.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::bad_result;
using testing::good_result;

using Lines = std::vector<std::string>;

std::vector<NamedResult> runs(std::initializer_list<Result> results) {
  std::vector<NamedResult> named;
  for (const Result& result : results) named.push_back({"a run", result});
  return named;
}

Lines names(const std::vector<Measure>& measures) {
  Lines result;
  for (const Measure& measure : measures) result.push_back(measure.name + " " + measure.unit);
  return result;
}

TEST_CASE("a run has the values that objectives judge") {
  const Result result = good_result();
  CHECK(run_value("p50", result).value() == doctest::Approx(50'000).epsilon(0.01));
  CHECK(run_value("max", result).value() == 100'000);
  CHECK(run_value("connect.p99", result).value() == doctest::Approx(9000).epsilon(0.01));
  CHECK(run_value("rate", result).value() == 10);
  CHECK(run_value("errors", result).value() == 0);
  CHECK(run_value("cpu_per_message", result).value() == 15'000);
}

TEST_CASE("a percentile among what failed is above all") {
  const Result result = bad_result();
  CHECK(std::isinf(run_value("p99", result).value()));
  CHECK(std::isinf(run_value("connect.max", result).value()));
  CHECK(run_value("p50", result).value() < 100'000);
  CHECK(run_value("errors", result).value() == 17);
}

TEST_CASE("what was not measured has no value") {
  Result result = good_result();
  result.histogram(Metric::connect) = Histogram();
  result.generator = {};
  CHECK_FALSE(run_value("connect.p99", result));
  CHECK_FALSE(run_value("cpu_per_message", result));
}

TEST_CASE("measures are percentiles and rate and errors and what thresholds add") {
  const auto good = runs({good_result(), good_result()});
  const auto measures = measures_of(
      good, good, {50, 99.9},
      {Threshold::parse("p50>+1%"), Threshold::parse("max>+1%"), Threshold::parse("rate<-5%")});
  CHECK(names(measures) ==
        Lines{"p50 us", "p99.9 us", "rate 1/s", "errors count", "cpu_per_message us", "max us"});
  CHECK(measures.front().base.size() == 2);
  CHECK_FALSE(measures.front().higher_is_better);
  CHECK(measures[2].higher_is_better);
}

TEST_CASE("a metric that one run lacks is left out unless a threshold needs it") {
  Result without = good_result();
  without.generator = {};
  const auto good = runs({good_result()});
  const auto lacking = runs({without});
  CHECK(names(measures_of(good, lacking, {50}, {})) == Lines{"p50 us", "rate 1/s", "errors count"});
  CHECK_THROWS_WITH_AS(measures_of(good, lacking, {50}, {Threshold::parse("cpu_per_message>+1%")}),
                       "--fail cpu_per_message>+1%: a run has not measured cpu_per_message",
                       UsageError);
}

TEST_CASE("settings that shape the figures must be alike") {
  const Result one = good_result();
  Result other = good_result();
  other.target = "another";
  other.plan.seed = 7;
  other.plan.label = "l";
  other.plan.percentiles = {1};
  other.plan.interval = 5s;
  other.plan.sources = {"127.0.0.2"};
  CHECK(unlike_options(one, other) == Lines{});

  other.asked_rate = 0;
  other.plan.rate = 0;
  other.plan.largest = 4096;
  other.plan.connections = 5000;
  other.plan.duration = 1s;
  other.plan.messages_per_connection = 1;
  CHECK(unlike_options(one, other) == Lines{"mode open and closed", "size 64 and 64-4k",
                                            "connections 2 and 5,000", "duration 10s and 1s",
                                            "rate 10 and 0", "messages-per-connection 0 and 1"});
}

TEST_CASE("every other setting is compared too") {
  const auto unlike = [](auto change) {
    Result other = good_result();
    change(other);
    return unlike_options(good_result(), other).size() == 1;
  };
  CHECK(unlike([](Result& r) { r.plan.count = 7; }));
  CHECK(unlike([](Result& r) { r.plan.pipeline = 7; }));
  CHECK(unlike([](Result& r) { r.plan.warmup = 7s; }));
  CHECK(unlike([](Result& r) { r.plan.timeout = 7s; }));
  CHECK(unlike([](Result& r) { r.plan.threads = 7; }));
  CHECK(unlike([](Result& r) { r.plan.socket.dscp = 46; }));
  CHECK(unlike([](Result& r) { r.plan.socket.congestion = "reno"; }));
  CHECK(unlike([](Result& r) { r.plan.socket.send_buffer = 4096; }));
  CHECK(unlike([](Result& r) { r.plan.socket.receive_buffer = 4096; }));
  CHECK(unlike([](Result& r) { r.plan.socket.no_nodelay = true; }));
  CHECK(unlike([](Result& r) { r.generators = 7; }));
}

// Results whose messages took a log-normal time, and that differ by 3 % from run to run.
struct MadeResults {
  std::mt19937_64 random{7};

  std::vector<NamedResult> five(double factor) {
    std::vector<NamedResult> made;
    for (int i = 0; i < 5; ++i) {
      Result result = good_result();
      Histogram& latency = result.histogram(Metric::latency) = Histogram();
      const double of_run = std::lognormal_distribution<double>(0, 0.03)(random);
      std::lognormal_distribution<double> message(0, 0.2);
      for (int j = 0; j < 2000; ++j) {
        latency.record(nanoseconds(std::llround(1e6 * factor * of_run * message(random))));
      }
      made.push_back({"made", std::move(result)});
    }
    return made;
  }
  int red_of_fifty(double factor) {
    const std::vector<Threshold> gate{Threshold::parse("p99>+10%")};
    int red = 0;
    for (int i = 0; i < 50; ++i) {
      if (compare(measures_of(five(1), five(factor), {50, 99}, gate), gate).failed()) ++red;
    }
    return red;
  }
};

TEST_CASE("the gate on made results is green for the same and red for a fifth more") {
  MadeResults made;
  CHECK(made.red_of_fifty(1) <= 2);
  CHECK(made.red_of_fifty(1.05) <= 2);
  CHECK(made.red_of_fifty(1.2) >= 48);
}

}  // namespace
}  // namespace echo
