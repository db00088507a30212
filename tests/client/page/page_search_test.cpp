#include "client/page/page_search.h"

#include <doctest/doctest.h>

#include <string>

#include <nlohmann/json.hpp>

#include "client/page/page_facts.h"
#include "tests/client/page/made_search.h"

namespace echo {
namespace {

using nlohmann::json;
using testing::made_search;

constexpr std::size_t kAll = 100;

json shown_search(const FoundRate& found, std::size_t most = kAll) {
  return json::parse(page_search(found, most).dump());
}

TEST_CASE("the rows of a search are its trials in their order") {
  const json trials = shown_search(made_search()).at("trials");
  REQUIRE(trials.size() == 3);
  CHECK(trials.at(0) == json{{"rate", "50"},
                             {"achieved", "49.8"},
                             {"duration", "1s"},
                             {"confirming", false},
                             {"verdict", "met"},
                             {"found", false},
                             {"values", "p99 1.00 ms, errors 0 %"}});
  CHECK(trials.at(1).at("verdict") == "missed");
  CHECK(trials.at(1).at("values") == "p99 5.1 % had no answer, errors 5.1 %, fell behind");
  CHECK(trials.at(2).at("confirming") == true);
  CHECK(trials.at(2).at("found") == true);
}

TEST_CASE("the facts of a search say what was found and what failed and why") {
  CHECK(shown_search(made_search()).at("facts") ==
        json(Facts{{"Objective", "p99<5ms, errors<1%"},
                   {"Found", "99.5 messages/s, at least the 60 required"},
                   {"Next failed", "102 messages/s"},
                   {"Limit", "too few connections: --connections or --pipeline raises it"},
                   {"Searched", "from 50 to 2,000 messages/s, to within 2 %"}}));
  FoundRate none;
  none.from = 100;
  const json facts = shown_search(none).at("facts");
  CHECK(facts.at(1) == json{"Found", "nothing that a long run confirmed before the search ended"});
  CHECK(facts.at(2) == json{"Next failed", "none"});
  CHECK(facts.at(3) == json{"Limit", "the search did not come to its end"});
}

TEST_CASE("only the trial that the rate found is of is marked") {
  FoundRate found = made_search();
  found.trials.push_back(found.trials.back());
  found.trials.back().achieved = 99;
  const json trials = shown_search(found).at("trials");
  CHECK(trials.at(2).at("found") == true);
  CHECK(trials.at(3).at("found") == false);
  found.confirmed = false;
  CHECK(shown_search(found).at("trials").at(2).at("found") == false);
}

TEST_CASE("the chart of a search has the time that its first objective on a time is about") {
  FoundRate found = made_search();
  CHECK(
      shown_search(found).at("chart") ==
      json{
          {"metric", "p99"},
          {"limit", 5000},
          {"points",
           {{50, 1000, "met", false}, {102, nullptr, "missed", false}, {100, 4500, "met", true}}}});
  found.objectives = {"errors<1%", "connect.p50<2s"};
  found.trials[0].values = {"errors 0 %", "connect.p50 1.50 s"};
  const json chart = shown_search(found).at("chart");
  CHECK(chart.at("metric") == "connect.p50");
  CHECK(chart.at("points").at(0) == json{50, 1'500'000, "met", false});
  CHECK(chart.at("points").at(2).at(1) == nullptr);
}

TEST_CASE("a search without a time or with a single rate has no chart") {
  FoundRate found = made_search();
  found.trials.resize(1);
  CHECK(shown_search(found).at("chart") == nullptr);
  CHECK(shown_search(FoundRate()).at("chart") == nullptr);
  found = made_search();
  found.objectives = {"errors<1%", "rate>0.9"};
  CHECK(shown_search(found).at("chart") == nullptr);
  found.objectives = {"of another version"};
  CHECK(shown_search(found).at("chart") == nullptr);
}

TEST_CASE("a value that is not a time has no place in the chart") {
  FoundRate found = made_search();
  for (const char* text :
       {"p99 ms", "p99 nan ms", "p99 -1 ms", "p99 1x ms", "p50 1 ms", "p99 1 s", "p99  ms", ""}) {
    CAPTURE(text);
    found.trials[0].values = {text};
    CHECK(shown_search(found).at("chart").at("points").at(0).at(1) == nullptr);
  }
  found.trials[0].values.clear();
  CHECK(shown_search(found).at("chart").at("points").at(0).at(1) == nullptr);
}

TEST_CASE("of a long search the last trials are shown") {
  const json search = shown_search(made_search(), 2);
  CHECK(search.at("left_out") == 1);
  REQUIRE(search.at("trials").size() == 2);
  CHECK(search.at("trials").at(0).at("rate") == "102");
  CHECK(search.at("chart").at("points").size() == 2);
  CHECK(shown_search(made_search(), 3).at("left_out") == 0);
}

}  // namespace
}  // namespace echo
