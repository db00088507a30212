#include "client/page/page.h"

#include <doctest/doctest.h>

#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "client/page/page_data.h"
#include "client/results/json_report.h"
#include "tests/client/page/made_search.h"
#include "tests/client/page/made_targets.h"
#include "tests/client/results/made_result.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::bad_result;
using testing::good_result;
using testing::judged;
using testing::made_search;
using testing::made_target;
using testing::of_targets;

SavedRun saved(const std::string& name, const Result& result) {
  return parse_saved_run(name, json_report(result));
}

json data_of(const std::vector<SavedRun>& runs, const PageDetail& detail = {}) {
  return json::parse(page_data(runs, detail));
}

Result long_result(std::size_t intervals) {
  Result result = good_result();
  result.intervals.clear();
  for (std::size_t i = 0; i < intervals; ++i) {
    result.intervals.push_back({.start = i * 1s,
                                .length = 1s,
                                .echoed = 10,
                                .connections = 2,
                                .p50 = 50ms + i * 1ns,
                                .p99 = 99ms + i * 1ns,
                                .max = 100ms + i * 1ns});
  }
  return result;
}

TEST_CASE("the data of a page are those of the result") {
  Result result = judged(good_result(), {"p99<1s", "p50<1ms"});
  result.intervals[2].lateness = 1500us;
  const json run = data_of({saved("a", result)}).at("runs").at(0);
  CHECK(run.at("times").at("latency").at("count") == 100);
  CHECK(run.at("times").at("latency").at("min") == 1000);
  CHECK(run.at("curves").at("latency").front() == json{0, 1000});
  CHECK(run.at("curves").at("latency").back() == json{100, 100'000});
  CHECK(run.at("curves").contains("send_lateness"));
  CHECK(run.at("intervals").at("rows").at(2) == json{3, 10, 50'000, 99'000, 100'000, 0, 1500, 2});
  CHECK(run.at("objectives").at(0).at("met") == true);
  CHECK(run.at("objectives").at(1).at("met") == false);
  CHECK(run.at("options").at(0) == json{"connections", "2"});
  CHECK(run.at("machine").at(0) == json{"Kernel", "Linux 6.1.0 x86_64"});
}

TEST_CASE("the options of a page hold those of the socket that were set") {
  const auto options_of = [](const Result& result) {
    const json run = data_of({saved("a", result)}).at("runs").at(0);
    const auto pairs = run.at("options").get<std::vector<std::pair<std::string, std::string>>>();
    return std::map<std::string, std::string>(pairs.begin(), pairs.end());
  };
  Result result = good_result();
  REQUIRE(result.socket);
  for (const char* one : {"dscp", "congestion", "no-nodelay", "socket"}) {
    CHECK(options_of(result).count(one) == 0);
  }
  result.plan.socket = {.dscp = 46, .congestion = "reno", .send_buffer = 65536};
  const auto options = options_of(result);
  CHECK(options.at("dscp") == "46 (EF)");
  CHECK(options.at("congestion") == "reno");
  CHECK(options.at("send-buffer") == "65,536");
  CHECK(options.count("receive-buffer") == 0);
  CHECK(options.count("no-nodelay") == 0);
  CHECK(options.at("socket") == to_text(*result.socket));
}

TEST_CASE("what was not measured is null or left out") {
  Result result;
  result.intervals.push_back({.start = 0s, .length = 1s});
  const json run = data_of({saved("a", result)}).at("runs").at(0);
  CHECK(run.at("curves").at("latency").empty());
  CHECK(run.at("times").at("latency") == json{{"count", 0}});
  CHECK(run.at("intervals").at("rows").at(0) ==
        json{1, 0, nullptr, nullptr, nullptr, 0, nullptr, 0});
}

TEST_CASE("several runs are compared with the first") {
  Result other = bad_result();
  other.plan.connections = 3;
  const json data = data_of({saved("a", good_result()), saved("b", other)});
  REQUIRE_FALSE(data.at("comparison").empty());
  const json& first = data.at("comparison").at(0);
  CHECK(first.at("metric") == "p50");
  CHECK(first.at("values").at(0) == "50.0ms");
  CHECK(first.at("changes").at(0) == "");
  CHECK(data.at("runs").at(1).at("name") == "b");
  const auto warning = data.at("runs").at(1).at("warnings").at(0).get<std::string>();
  CHECK(warning.find("connections 2 and 3") != warning.npos);
  CHECK(data_of({saved("a", good_result())}).at("comparison").empty());
}

TEST_CASE("the data of a page have a search and targets only if the result has") {
  const json plain = data_of({saved("a", good_result())}).at("runs").at(0);
  CHECK_FALSE(plain.contains("search"));
  CHECK_FALSE(plain.contains("targets"));
  Result found = good_result();
  found.found_rate = made_search();
  Result both = of_targets({made_target("a:1", 10ms, 4), made_target("b:1", 10ms, 4)});
  both = judged(both, {"p99<1s"});
  const json runs = data_of({saved("a", found), saved("b", both)}).at("runs");
  CHECK(runs.at(0).at("search").at("trials").size() == 3);
  CHECK(runs.at(1).at("targets").at("rows").size() == 2);
  CHECK(runs.at(1).at("objectives").at(1).at("expr") == "b:1 p99<1s");
}

TEST_CASE("no text of a search or a target becomes markup") {
  const std::string markup = "</script><script>alert(1)</script>&";
  Result found = good_result();
  found.found_rate = made_search();
  found.found_rate->objectives[0] = markup;
  found.found_rate->trials[0].values[0] = markup;
  const Result both = of_targets({made_target(markup, 10ms, 4), made_target("b:1", 20ms, 4)});
  for (const auto& runs : {std::vector{saved("a", found)}, std::vector{saved("b", both)},
                           std::vector{saved("a", found), saved("b", both)}}) {
    const std::string page = report_page(runs);
    CHECK(page.find("<script>alert") == page.npos);
    CHECK(page.find("\\u003cscript\\u003ealert(1)") != page.npos);
  }
}

TEST_CASE("a search of many trials and many targets are cut to a page of the size it may have") {
  Result found = good_result();
  found.found_rate = made_search();
  const RateTrial trial = found.found_rate->trials.front();
  found.found_rate->trials.resize(20'000, trial);
  found.found_rate->trials.back().values.assign(100, std::string(1000, 'x'));
  const SavedRun search = saved("a", found);
  CHECK(report_page({search}).size() <= kLargestPage);
  CHECK(data_of({search}).at("runs").at(0).at("search").at("left_out") == 19'700);
  const SavedRun targets =
      saved("b", of_targets(std::vector<TargetRuns>(60, made_target("a:1", 10ms, 1))));
  CHECK(report_page({targets}).size() <= kLargestPage);
  CHECK(data_of({targets}).at("runs").at(0).at("targets").at("left_out") == 10);
}

TEST_CASE("no text of a result becomes markup") {
  Result result = good_result();
  result.target = result.plan.label = "</script><script>alert(1)</script>{{data}}&\"";
  const std::string page = report_page({saved("<script>alert(2)</script>", result)});
  CHECK(page.find("<script>alert") == page.npos);
  CHECK(page.find("</script><script>alert") == page.npos);
  CHECK(page.find("&lt;script&gt;alert(1)&lt;/script&gt;{{data}}&amp;&quot;") != page.npos);
  CHECK(page.find("\\u003cscript\\u003ealert(2)") != page.npos);
}

TEST_CASE("a page allows no load and holds the license of what it contains") {
  const std::string page = report_page({saved("a", good_result())});
  CHECK(page.find("default-src 'none'") != page.npos);
  CHECK(page.find("Chart.js Contributors") != page.npos);
  CHECK(page.find("Permission is hereby granted") != page.npos);
  CHECK(page.find("src=\"") == page.npos);
  CHECK(page.find("sourceMappingURL") == page.npos);
}

TEST_CASE("a day of intervals is thinned to a page of the size that it may have") {
  const SavedRun run = saved("a", long_result(86'400));
  CHECK(report_page({run}).size() <= kLargestPage);
  const json intervals = data_of({run}).at("runs").at(0).at("intervals");
  CHECK(intervals.at("each") == 288);
  CHECK(intervals.at("of") == 86'400);
  CHECK(intervals.at("rows").size() == 300);
  CHECK(intervals.at("rows").back().at(0) == 86'400);
}

TEST_CASE("many runs fit in less detail and too many are refused") {
  const std::vector<SavedRun> some(24, saved("a", long_result(1000)));
  CHECK(report_page(some).size() <= kLargestPage);
  const std::vector<SavedRun> many(400, saved("a", long_result(10)));
  CHECK_THROWS_WITH_AS(report_page(many),
                       "400 results do not fit on a page of 500 KiB; report on fewer of them",
                       std::runtime_error);
}

}  // namespace
}  // namespace echo
