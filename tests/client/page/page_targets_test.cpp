#include "client/page/page_targets.h"

#include <doctest/doctest.h>

#include <string>

#include <nlohmann/json.hpp>

#include "tests/client/page/made_targets.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::dead_target;
using testing::made_target;
using testing::of_targets;

json shown_targets(const Result& result, std::size_t most = 50) {
  return json::parse(page_targets(result, most, CurveDetail::coarse).dump());
}

TEST_CASE("each target has a row and its difference from the first with what that is worth") {
  const json targets =
      shown_targets(of_targets({made_target("a:1", 10ms, 5), made_target("b:1", 12ms, 5)}));
  const json& rows = targets.at("rows");
  REQUIRE(rows.size() == 2);
  CHECK(rows.at(0).at("target") == "a:1");
  CHECK(rows.at(0).at("rounds") == "5");
  CHECK(rows.at(0).at("cells") == json{{{"text", "10.0/s"}},
                                       {{"text", "10.2ms"}},
                                       {{"text", "10.2ms"}},
                                       {{"text", "10.2ms"}},
                                       {{"text", "0"}},
                                       {{"text", "15.0ms"}}});
  const json& cells = rows.at(1).at("cells");
  const json same{{"text", "10.0/s"}, {"change", "0 %"}, {"judgement", "within noise"}};
  CHECK(cells.at(0) == same);
  const json slower{{"text", "12.2ms"}, {"change", "+20.0 %"}, {"judgement", "worse"}};
  CHECK(cells.at(2) == slower);
  CHECK(targets.at("differences").at(0).at("target") == "b:1");
  const json& p99 = targets.at("differences").at(0).at("rows").at(2);
  CHECK(p99 == json{"p99", "10.2ms", "3.9 %", "12.2ms", "3.9 %", "+20.0 %", "0.008", "worse"});
  CHECK(targets.at("noise").at(0).get<std::string>().starts_with("beyond it if"));
}

TEST_CASE("the errors of a target are those of all its rounds") {
  TargetRuns target = made_target("b:1", 10ms, 4);
  for (Result& run : target.runs) run.counters.messages.lost = 300;
  const json targets = shown_targets(of_targets({made_target("a:1", 10ms, 4), target}));
  const json errors{{"text", "1,200"}, {"change", "-"}, {"judgement", "worse"}};
  CHECK(targets.at("rows").at(1).at("cells").at(4) == errors);
}

TEST_CASE("too few rounds are no ground for a judgement") {
  const json targets =
      shown_targets(of_targets({made_target("a:1", 10ms, 3), made_target("b:1", 20ms, 3)}));
  CHECK(targets.at("rows").at(1).at("cells").at(2).at("judgement") == "too few runs");
  CHECK(targets.at("noise").at(0).get<std::string>().starts_with("fewer than 4 runs a side"));
}

TEST_CASE("a target without a complete round has a row and no difference") {
  const json targets = shown_targets(of_targets(
      {made_target("a:1", 10ms, 2), dead_target("dead:1", 2), made_target("b:1", 10ms, 2)}));
  CHECK(targets.at("rows").at(1).at("rounds") == "0 of 2");
  CHECK(targets.at("rows").at(1).at("cells").at(0) == json{{"text", "-"}});
  CHECK(targets.at("differences").at(0).at("rows").empty());
  CHECK(targets.at("curves").at(1).at("points").empty());
  CHECK_FALSE(targets.at("differences").at(1).at("rows").empty());
}

TEST_CASE("the curve of a target is that of all its rounds together") {
  const json targets =
      shown_targets(of_targets({made_target("a:1", 100ms, 3), made_target("b:1", 12ms, 3)}));
  const json& curve = targets.at("curves").at(0);
  CHECK(curve.at("label") == "a:1");
  CHECK(curve.at("count") == 300);
  CHECK(curve.at("points").front() == json{0, 100'000});
  CHECK(curve.at("points").back() == json{100, 102'000});
}

TEST_CASE("of many targets the first are shown") {
  const json targets =
      shown_targets(of_targets({made_target("a:1", 10ms, 1), made_target("b:1", 10ms, 1),
                                made_target("c:1", 10ms, 1)}),
                    2);
  CHECK(targets.at("rows").size() == 2);
  CHECK(targets.at("curves").size() == 2);
  CHECK(targets.at("differences").size() == 1);
  CHECK(targets.at("left_out") == 1);
}

}  // namespace
}  // namespace echo
