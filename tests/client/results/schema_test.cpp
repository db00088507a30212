// The schema of results in docs/ and what is really written describe each other.
#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "client/results/json_report.h"
#include "client/results/merged_result.h"
#include "client/results/target_runs.h"
#include "tests/client/results/made_result.h"
#include "tests/support/json_schema.h"
#include "tests/support/temporary_folder.h"

namespace echo {
namespace {

using nlohmann::json;
using testing::bad_result;
using testing::good_result;
using testing::judged;
using testing::schema_faults;

using Lines = std::vector<std::string>;

json result_schema() {
  std::ifstream file(RESULT_SCHEMA);
  return json::parse(file);
}

Lines faults(const Result& result) {
  return schema_faults(result_schema(), json::parse(json_report(result)));
}

FoundRate found_rate() {
  FoundRate found;
  found.objectives = {"p99<5ms"};
  found.closed_loop = 900.5;
  found.rate = 99.5;
  found.next_failed = 102;
  found.trials = {{.asked = 100, .achieved = 99.5, .values = {"p99 1.00 ms"}}};
  return found;
}

TEST_CASE("what was found fits the schema") {
  Result result = good_result();
  result.found_rate = FoundRate();
  CHECK(faults(result) == Lines{});
  result.found_rate = found_rate();
  CHECK(faults(result) == Lines{});
}

TEST_CASE("every result fits its schema") {
  CHECK(faults(judged(good_result(), {"p99<1s", "errors<1", "errors<1%", "rate>1"})) == Lines{});
  CHECK(faults(judged(bad_result(), {"p99<1s", "rate>0.5"})) == Lines{});
  CHECK(faults(Result()) == Lines{});
  Result by_count = good_result();
  by_count.plan.count = 100;
  by_count.plan.rate = 0.5;
  by_count.plan.sources = {"127.0.0.2"};
  by_count.intervals.push_back({});
  by_count.error = "none";
  CHECK(faults(by_count) == Lines{});
}

TEST_CASE("a merged result fits the schema too") {
  const testing::TemporaryFolder folder;
  MergedResult merged;
  for (const char* name : {"a", "b"}) {
    testing::write_file(folder.file(name), json_report(bad_result()));
    merged.add_file(folder.file(name));
  }
  CHECK(faults(merged.result()) == Lines{});
}

Result of_two_targets() {
  LoadPlan plan = good_result().plan;
  plan.objectives = {Objective::parse("p99<1s")};
  Result sum =
      sum_of_targets(plan, {{"a:1", {good_result(), bad_result()}}, {"b:1", {good_result()}}});
  judge_all(sum);
  return sum;
}

TEST_CASE("a result of several targets fits the schema too") {
  CHECK(faults(of_two_targets()) == Lines{});
}

TEST_CASE("the schema describes nothing that is never written") {
  Result result = of_two_targets();
  result.error = "none";
  result.generators = 2;
  result.shares = {{1, 2}};
  result.together.emplace();
  result.found_rate = found_rate();
  const json report = json::parse(json_report(result));
  const json schema = result_schema();
  for (const auto& [key, part] : schema.at("properties").items()) {
    const std::string name = key;
    CAPTURE(name);
    REQUIRE(report.contains(key));
    if (!part.contains("properties")) continue;
    for (const auto& [inner, ignored] : part.at("properties").items()) {
      CHECK(report.at(key).contains(inner));
    }
  }
}

TEST_CASE("what does not fit the schema is found") {
  const json schema = result_schema();
  json report = json::parse(json_report(good_result()));
  report["messages"]["sent"] = -1;
  report["mode"] = "ajar";
  report["latency"]["max"] = "long";
  report["connect"]["percentiles"]["50"] = "half";
  report["intervals"][3]["surprise"] = 1;
  report["schema"] = 3;
  report.erase("rate");
  CHECK(schema_faults(schema, report) ==
        Lines{" lacks \"rate\"", "/connect/percentiles/50 has another type: \"half\"",
              "/intervals/items/surprise is not described",
              "/latency/max has another type: \"long\"", "/messages/sent is too small: -1",
              "/mode is none of the words: \"ajar\"", "/schema const"});
}

}  // namespace
}  // namespace echo
