#include "client/page/saved_run.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include <nlohmann/json.hpp>

#include "client/results/json_report.h"
#include "client/results/target_runs.h"
#include "tests/client/page/made_search.h"
#include "tests/client/results/made_result.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::bad_result;
using testing::good_result;
using testing::judged;
using testing::made_search;

std::string refusal(const std::string& text) {
  try {
    parse_saved_run("a", text);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "accepted";
}

TEST_CASE("a saved run has its intervals and verdicts and warnings") {
  Result result = judged(bad_result(), {"p99<1s", "errors<100"});
  result.intervals[3].lateness = 70us;
  const SavedRun run = parse_saved_run("a", json_report(result));
  CHECK(run.name == "a");
  REQUIRE(run.result.intervals.size() == 10);
  CHECK(run.has_lateness);
  CHECK(run.result.intervals[3].start == 1800ms);
  CHECK(run.result.intervals[3].length == 600ms);
  CHECK(run.result.intervals[3].p99 == 99ms);
  CHECK(run.result.intervals[3].lateness == 70us);
  CHECK(run.result.intervals[0].errors == 12);
  REQUIRE(run.result.verdicts.size() == 2);
  CHECK(run.result.verdicts[1].line() == result.verdicts[1].line());
  CHECK_FALSE(run.warnings.empty());
}

TEST_CASE("a partial result and an empty one can be read") {
  Result result = good_result();
  result.partial = true;
  CHECK(parse_saved_run("a", json_report(result)).result.partial);
  Result empty;
  empty.error = "cannot connect";
  const SavedRun run = parse_saved_run("a", json_report(empty));
  CHECK(run.result.error == "cannot connect");
  CHECK_FALSE(run.has_lateness);
}

TEST_CASE("a saved run has the search that it came of") {
  Result result = good_result();
  CHECK_FALSE(parse_saved_run("a", json_report(result)).result.found_rate);
  result.found_rate = made_search();
  const auto read = parse_saved_run("a", json_report(result)).result.found_rate;
  REQUIRE(read);
  Result again = good_result();
  again.found_rate = *read;
  CHECK(json_report(again) == json_report(result));
}

TEST_CASE("a search that echoc load does not write is refused") {
  Result result = good_result();
  result.found_rate = made_search();
  const auto refusal_with = [&](const char* path, const nlohmann::json& value) {
    auto saved = nlohmann::json::parse(json_report(result));
    saved["find_rate"][nlohmann::json::json_pointer(path)] = value;
    return refusal(saved.dump());
  };
  CHECK(refusal_with("/rate", 99.5) == "accepted");
  CHECK(refusal_with("/rate", -1) == "'find_rate' has a 'rate' that echoc load does not write");
  CHECK(refusal_with("/limited_by", "luck") ==
        "'find_rate' has a 'limited_by' that echoc load does not write");
  CHECK(refusal_with("/trials/1/verdict", "maybe") ==
        "'find_rate' has a 'verdict' that echoc load does not write");
  CHECK(refusal_with("/trials", 7) != "accepted");
  CHECK(refusal_with("/trials/0/values/0", 7) != "accepted");
}

TEST_CASE("the objectives of several targets keep the name of their target") {
  Result sum = sum_of_targets(good_result().plan, {{"a:1", {good_result()}}, {"b:1", {}}});
  sum = judged(sum, {"p99<1s"});
  const auto verdicts = parse_saved_run("a", json_report(sum)).result.verdicts;
  REQUIRE(verdicts.size() == 2);
  CHECK(verdicts[0].target == "a:1");
  CHECK(verdicts[1].line() == sum.verdicts[1].line());
}

TEST_CASE("what is not a saved run is refused with the reason") {
  CHECK(refusal("") == "is empty");
  CHECK(refusal("{") == "is cut short or not JSON");
  CHECK(refusal("[]") == "is not a result of echoc load, or one of an older version");
  std::string backwards = json_report(good_result());
  const std::string end = "\"at_s\": 3.0";
  REQUIRE(backwards.find(end) != backwards.npos);
  backwards.replace(backwards.find(end), end.size(), "\"at_s\": 1.5");
  CHECK(refusal(backwards) == "'at_s' is not what a result of echoc load has there");
}

TEST_CASE("the name of a file becomes valid text") {
  CHECK(parse_saved_run("a\xff", json_report(good_result())).name == "a\xef\xbf\xbd");
}

}  // namespace
}  // namespace echo
