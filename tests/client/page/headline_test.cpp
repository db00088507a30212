#include "client/page/headline.h"

#include <doctest/doctest.h>

#include "client/page/side_by_side.h"
#include "client/results/json_report.h"
#include "tests/client/page/made_search.h"
#include "tests/client/page/made_targets.h"
#include "tests/client/results/made_result.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::bad_result;
using testing::dead_target;
using testing::good_result;
using testing::judged;
using testing::made_search;
using testing::made_target;
using testing::of_targets;

SavedRun run_of(const std::string& name, const Result& result) {
  return parse_saved_run(name, json_report(result));
}

TEST_CASE("the answer names target and rate and times and errors and objectives") {
  CHECK(
      answer_of(judged(good_result(), {"p99<1s"})) ==
      "127.0.0.1:7007 answered 10.0 messages/s over 10.0s, 100 % of the 10 asked for: p50 50.0ms, "
      "p99 99.0ms; no errors; 1 objective met.");
  Result bad = judged(bad_result(), {"p99<1s", "p50<1s"});
  bad.partial = true;
  const std::string answer = answer_of(bad);
  CHECK(answer.starts_with("Interrupted before its end: 127.0.0.1:7007 answered "));
  CHECK(answer.find("; 17 errors, 15 % of the messages due") != answer.npos);
  CHECK(answer.ends_with("1 of 2 objectives missed: p99<1s."));
}

TEST_CASE("the answer of a run that measured nothing says why") {
  Result result;
  result.target = ":7";
  result.error = "cannot connect";
  CHECK(answer_of(result) == ":7: nothing was measured: cannot connect");
}

TEST_CASE("the answer of a search is what it found and what failed and why") {
  Result result = good_result();
  result.found_rate = made_search();
  CHECK(answer_of(result) ==
        "127.0.0.1:7007, the highest rate with p99<5ms, errors<1%: 99.5 messages/s, at least the "
        "60 required; next failed: 102 messages/s; limit: too few connections: --connections or "
        "--pipeline raises it.");
  result.partial = true;
  result.found_rate->complete = result.found_rate->confirmed = false;
  result.found_rate->next_failed.reset();
  result.found_rate->required = 0;
  CHECK(answer_of(result) ==
        "Interrupted before its end: 127.0.0.1:7007, the highest rate with p99<5ms, errors<1%: "
        "99.5 messages/s so far, not confirmed by a long run.");
}

TEST_CASE("the answer of several targets is what differs from the first beyond noise") {
  const Result result =
      of_targets({made_target("a:1", 10ms, 5), made_target("b:1", 12ms, 5),
                  made_target("c:1", 10ms, 5), made_target("d:1", 20ms, 3), dead_target("e:1", 5)});
  CHECK(answer_of(judged(result, {"p99<11ms"})) ==
        "4 targets beside a:1, the base: b:1: p50 +20.0 % (worse), p99 +20.0 % (worse), max "
        "+20.0 % (worse); c:1: nothing beyond noise; d:1: too few rounds to tell a change from "
        "noise; e:1: not compared, without a complete round of both; no errors; 3 of 5 objectives "
        "missed: b:1 p99<11ms, d:1 p99<11ms, e:1 p99<11ms.");
  const auto many = std::vector<TargetRuns>(7, made_target("a:1", 10ms, 1));
  CHECK(answer_of(of_targets(many)).find("; and more below; no errors;") != std::string::npos);
}

TEST_CASE("runs are named by their labels or by as much of their path as tells them apart") {
  Result labelled = good_result();
  labelled.plan.label = "old";
  Result other = good_result();
  other.plan.label = "new";
  using Names = std::vector<std::string>;
  CHECK(names_of({run_of("d/a", labelled), run_of("d/b", other)}) == Names{"old", "new"});
  CHECK(names_of({run_of("d/a", labelled), run_of("d/b", labelled)}) == Names{"a", "b"});
  CHECK(names_of({run_of("d/a", labelled), run_of("e/a", labelled)}) == Names{"d/a", "e/a"});
  CHECK(names_of({run_of("a", labelled), run_of("a", labelled)}) == Names{"a (1)", "a (2)"});
}

TEST_CASE("the headline of two runs says how the second differs from the first") {
  Result slower = good_result();
  slower.histogram(Metric::latency) = Histogram();
  for (int i = 1; i <= 100; ++i) slower.histogram(Metric::latency).record(i * 2ms);
  const std::vector<SavedRun> runs{run_of("a", good_result()), run_of("b", slower)};
  const std::string text = headline(runs, names_of(runs));
  CHECK(text.starts_with("b beside a, the base: latency p50 +"));
  CHECK(text.ends_with("rate 0 %. One run each cannot tell a change from noise."));
}

TEST_CASE("a long text is cut between characters and control characters are shown") {
  CHECK(shown_text("a\nb") == "a\\x0ab");
  std::string text(kLongestText - 1, 'x');
  CHECK(shown_text(text + "\xc3\xa4\xc3\xa4") == text + "…");
  CHECK(shown_text("abcdef", 3) == "abc…");
}

}  // namespace
}  // namespace echo
