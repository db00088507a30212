#include "client/idle/result.h"

#include <doctest/doctest.h>

#include "tests/client/idle/made_findings.h"

namespace echo::testing {
namespace {

TEST_CASE("a measured gap is good whatever its verdict is") {
  CHECK(idle::exit_status(made_result({spoke(30s, Verdict::alive)})) == 0);
  CHECK(idle::exit_status(made_result({spoke(30s, Verdict::no_answer)})) == 0);
  CHECK(idle::exit_status(made_result({spoke(30s, Verdict::closed), without_verdict(60s, "?")})) ==
        0);
}

TEST_CASE("a target without a verdict gives status 1") {
  CHECK(idle::exit_status(made_result({without_verdict(30s, "cannot connect")})) == 1);
  CHECK(idle::exit_status(made_result({})) == 1);
  auto two = made_result({spoke(30s, Verdict::alive)});
  two.targets.push_back({"192.0.2.2:7007", "Name or service not known", {}});
  CHECK(idle::exit_status(two) == 1);
}

TEST_CASE("a required gap must survive on every target") {
  auto result = made_result({spoke(30s, Verdict::alive), spoke(60s, Verdict::reset)});
  result.options.require = 30s;
  CHECK(idle::exit_status(result) == 0);
  result.options.require = 60s;
  CHECK(idle::exit_status(result) == 3);
  result.options.require = 61s;  // dropped by a search because a shorter one died
  CHECK(idle::exit_status(result) == 3);
  result.options.require = 59s;
  result.targets.front().findings.push_back(without_verdict(59s, "cannot connect"));
  CHECK(idle::exit_status(result) == 1);
  result.targets.front().findings = {spoke(20s, Verdict::reset), spoke(30s, Verdict::alive)};
  result.options.require = 30s;
  CHECK(idle::exit_status(result) == 0);
  result.targets.push_back({"192.0.2.2:7007", {}, {spoke(30s, Verdict::closed)}});
  CHECK(idle::exit_status(result) == 3);
}

TEST_CASE("a longer gap that died early shows that the required one cannot survive") {
  auto result = made_result({ended(90s, Verdict::closed, 40s)});
  result.options.require = 60s;
  CHECK(idle::exit_status(result) == 3);
  result.options.require = 30s;
  CHECK(idle::exit_status(result) == 1);
}

TEST_CASE("wrong bytes are more serious than an interruption and that than the rest") {
  auto result = made_result({spoke(30s, Verdict::wrong_bytes)});
  result.options.require = 60s;
  result.partial = true;
  CHECK(idle::exit_status(result) == 4);
  result.targets.front().findings = {spoke(30s, Verdict::alive)};
  CHECK(idle::exit_status(result) == 130);
  result.targets.front().findings = {without_verdict(30s, "interrupted")};
  CHECK(idle::exit_status(result) == 130);
}

TEST_CASE("a failure of all connections is one failure if it is the same") {
  const auto target = [](auto result) { return result.targets.front(); };
  CHECK(
      target(made_result({without_verdict(1s, "a"), without_verdict(2s, "a")})).common_failure() ==
      "a");
  CHECK(target(made_result({without_verdict(1s, "a"), without_verdict(2s, "b")}))
            .common_failure()
            .empty());
  CHECK(target(made_result({without_verdict(1s, "a"), spoke(2s, Verdict::alive)}))
            .common_failure()
            .empty());
}

}  // namespace
}  // namespace echo::testing
