#include "client/results/json_report.h"

#include <doctest/doctest.h>

#include <string>

#include <nlohmann/json.hpp>

#include "client/results/histogram_codec.h"
#include "tests/client/results/identities.h"
#include "tests/client/results/made_result.h"

namespace echo {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using testing::bad_result;
using testing::check_identities;
using testing::good_result;
using testing::judged;

json written(const Result& result) {
  return json::parse(json_report(result));
}

TEST_CASE("everything in a result adds up") {
  check_identities(written(good_result()));
  check_identities(written(bad_result()));
  check_identities(written(Result()));
}

TEST_CASE("a result says what was asked for and where it was made") {
  Result result = good_result();
  result.plan.label = "nightly";
  result.plan.sources = {"127.0.0.2"};
  const json report = written(judged(result, {"p99 < 1s"}));
  CHECK(report.at("tool") == "echoc");
  CHECK(report.at("schema") == 2);
  CHECK(report.at("target") == "127.0.0.1:7007");
  CHECK(report.at("label") == "nightly");
  CHECK(report.at("started") == "2020-09-13T12:26:40.500Z");
  CHECK(report.at("duration_s") == 10.02);
  CHECK(report.at("scheduled_s") == 10);
  CHECK(report.at("mode") == "open");
  CHECK(report.at("seed") == 42);
  CHECK(report.at("system") == json{{"kernel", "Linux 6.1.0 x86_64"}, {"cpus", 4}});
  CHECK(report.at("generator") ==
        json{{"threads", 2}, {"cpu_s", 1.5}, {"longest_pause_us", 3000.0}});
  CHECK(report.at("addresses") ==
        json::array(
            {{{"address", "127.0.0.1:7007"}, {"connections", 2}, {"failures", 0}, {"why", ""}}}));
  const json& options = report.at("options");
  CHECK(options.at("connections") == 2);
  CHECK(options.at("duration_s") == 10);
  CHECK(options.at("rate") == 10);
  CHECK(options.at("threads") == 2);
  CHECK(options.at("timeout_s") == 5);
  CHECK(options.at("source") == json::array({"127.0.0.2"}));
  CHECK(options.at("percentiles") == json::array({50, 90, 99, 99.9, 99.99}));
  CHECK(options.at("slo") == json::array({"p99<1s"}));
  CHECK_FALSE(report.contains("error"));
  CHECK_FALSE(report.contains("generators"));
}

TEST_CASE("there are no more threads in effect than connections") {
  Result result = good_result();
  result.plan.connections = 2;
  result.plan.threads = 5;
  CHECK(json::parse(json_report(result)).at("options").at("threads") == 2);
}

TEST_CASE("the duration of a run that ends by count was not asked for") {
  Result result = good_result();
  result.plan.count = 100;
  CHECK(written(result).at("options").at("duration_s").is_null());
}

TEST_CASE("times are exact and their histograms stand beside them") {
  const json report = written(good_result());
  const json& latency = report.at("latency");
  CHECK(latency.at("basis") == "intended");
  CHECK(latency.at("unit") == "us");
  CHECK(latency.at("min") == 1000);
  CHECK(latency.at("mean") == 50'500);
  CHECK(latency.at("max") == 100'000);
  CHECK(latency.at("percentiles").at("99.99") == 100'000);
  CHECK(latency.at("unanswered") == 0);
  for (const char* key :
       {"latency", "service_time", "connect", "send_lateness", "latency_without_echoc"}) {
    CAPTURE(key);
    CHECK(report.at(key).at("unit") == "us");
    const Histogram histogram =
        decode_histogram(report.at("histograms").at(key).get<std::string>());
    CHECK(report.at(key).at("count") == histogram.count());
  }
}

TEST_CASE("what was not measured is null") {
  Result result;
  result.intervals.push_back({.start = 0s, .length = 1s});
  const json report = written(result);
  for (const char* key : {"min", "mean", "stddev", "max"}) {
    CHECK(report.at("latency").at(key).is_null());
  }
  CHECK(report.at("latency").at("percentiles").at("99").is_null());
  for (const char* key : {"p50", "p99", "max"}) {
    CHECK(report.at("intervals").at(0).at(key).is_null());
  }
  CHECK(written(Result()).at("rate").at("lowest_interval").is_null());
}

TEST_CASE("an interval of an open loop says how late echoc was") {
  Result result = good_result();
  result.intervals.front().lateness = 1500us;
  CHECK(written(result).at("intervals").at(0).at("lateness") == 1500);
  CHECK(written(result).at("intervals").at(1).at("lateness") == 0);
  result.asked_rate = 0;
  CHECK(written(result).at("intervals").at(0).at("lateness").is_null());
}

TEST_CASE("a result says why nothing was measured") {
  Result result;
  result.error = "cannot connect";
  CHECK(written(result).at("error") == "cannot connect");
}

TEST_CASE("objectives have all digits of their value and its unit and null among failures") {
  Result result = good_result();
  result.asked_rate = 1000;
  result.counters.messages.echoed = 9'989;
  result.counters.connections.failed = 1;
  const json slo =
      written(judged(result, {"rate>0.999", "errors<0.1%", "p99<1s", "connect.max<1s"})).at("slo");
  CHECK(slo.at(0) == json{{"expr", "rate>0.999"},
                          {"value", 0.9989},
                          {"unit", "ratio"},
                          {"met", false},
                          {"reason", "0.9989 of the rate asked for"}});
  CHECK(slo.at(1).at("value") == doctest::Approx(100.0 / 102));
  CHECK(slo.at(1).at("unit") == "%");
  CHECK(slo.at(2).at("unit") == "us");
  CHECK(slo.at(2).at("met") == true);
  CHECK(slo.at(3).at("value").is_null());
  CHECK(slo.at(3).at("reason") == "33 % could not be made");
}

TEST_CASE("warnings and what limited the run are in the result") {
  Result result = bad_result();
  result.counters.messages.waited = 60;
  const json report = written(result);
  CHECK(report.at("warnings").size() == 3);
  CHECK(report.at("limited_by") == "connections");
  CHECK(written(good_result()).at("warnings") == json::array());
}

TEST_CASE("rates are told with the lowest of an interval") {
  const json rate = written(good_result()).at("rate");
  CHECK(rate.at("asked") == 10);
  CHECK(rate.at("asked").is_number_unsigned());
  CHECK(rate.at("achieved") == 10);
  CHECK(rate.at("lowest_interval") == 10);
  Result slow = good_result();
  slow.asked_rate = 0.5;
  CHECK(written(slow).at("rate").at("asked") == 0.5);
}

TEST_CASE("a result is valid UTF-8 whatever the target is called") {
  Result result = good_result();
  result.target = "unix:/tmp/x\xff";
  CHECK(written(result).at("target") == "unix:/tmp/x\xef\xbf\xbd");
}

}  // namespace
}  // namespace echo
