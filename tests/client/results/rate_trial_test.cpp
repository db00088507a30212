#include "client/results/rate_trial.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "client/results/durations.h"
#include "client/results/findings.h"
#include "client/results/pace.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

// A run of 10 s at 1000 a second on a server that answers so many, each after `delay`.
Result run_on(double capacity, nanoseconds delay = 1ms) {
  Result result;
  result.plan.rate = result.asked_rate = 1000;
  result.plan.duration = result.scheduled = 10s;
  result.duration = 10s;
  auto& messages = result.counters.messages;
  messages.sent = messages.echoed = 10'000;
  double free_at = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double due = i / 1000.0;
    free_at = std::max(free_at, due) + 1 / capacity;
    const nanoseconds came = from_seconds(std::max(free_at, due)) + delay;
    const nanoseconds latency = came - from_seconds(due);
    result.histogram(Metric::latency).record(latency);
    result.histogram(Metric::service_time).record(latency);
    result.latency_without_echoc.record(latency);
    result.duration = std::max(result.duration, came);
    if (came < 10s) ++result.answers[static_cast<std::size_t>(seconds(came) / 10 * kCurveParts)];
  }
  return result;
}

RateTrial judged_trial(const Result& result, const char* objective, bool confirming = true,
                       std::optional<nanoseconds> usual = {}) {
  return judge_trial(result, {Objective::parse(objective)}, confirming, usual);
}

TEST_CASE("the pace of a server that keeps up is the rate however long it takes") {
  for (const nanoseconds delay : {nanoseconds(1ms), nanoseconds(300ms), nanoseconds(5s)}) {
    CHECK(answer_pace(run_on(5000, delay)) == doctest::Approx(1000).epsilon(0.002));
  }
  CHECK(answer_pace(run_on(5000, 9s)) == doctest::Approx(1000).epsilon(0.01));
}

TEST_CASE("the pace of a server that falls behind is what it can do") {
  for (const double capacity : {500.0, 900.0, 980.0}) {
    CHECK(answer_pace(run_on(capacity)) == doctest::Approx(capacity).epsilon(0.002));
  }
}

TEST_CASE("a server that clearly fell behind limited the run and is a warning") {
  Result result = run_on(500);
  result.pace = lasting_pace(result);
  CHECK(*result.pace == doctest::Approx(500).epsilon(0.002));
  CHECK(result.achieved_rate() == doctest::Approx(1000));  // all was answered in the end
  CHECK(limited_by(result) == LimitedBy::server);
  const auto is_behind = [](const std::string& warning) {
    return warning.starts_with("the server or the way to it fell behind: 500");
  };
  const std::vector<std::string> told = warnings(result);
  CHECK(std::ranges::any_of(told, is_behind));
  for (const double capacity : {960.0, 5000.0}) {
    Result kept = run_on(capacity);
    kept.pace = lasting_pace(kept);
    CHECK_FALSE(fell_behind(kept));
    CHECK(limited_by(kept) == LimitedBy::rate);
    CHECK(warnings(kept) == warnings(run_on(capacity)));
  }
}

TEST_CASE("a pause that was made up for by the end is no slower pace") {
  Result result = run_on(5000);
  constexpr std::size_t kPaused = 28;  // of 32 parts, late in the run
  result.answers[kPaused + 1] += result.answers[kPaused] + result.answers[kPaused - 1];
  result.answers[kPaused] = result.answers[kPaused - 1] = 0;
  CHECK(answer_pace(result) < 990);
  CHECK(lasting_pace(result) == 1000);
}

TEST_CASE("a rate that is not kept is missed whatever the objective") {
  const RateTrial trial = judged_trial(run_on(950), "p99<1h");
  CHECK(trial.verdict == TrialVerdict::missed);
  CHECK(trial.limited_by == LimitedBy::server);
  CHECK(judged_trial(run_on(5000), "p99<1h").verdict == TrialVerdict::met);
}

TEST_CASE("a short run is judged more mildly") {
  CHECK(judged_trial(run_on(985), "p99<1h", true).verdict == TrialVerdict::missed);
  CHECK(judged_trial(run_on(985), "p99<1h", false).verdict == TrialVerdict::met);
}

TEST_CASE("a missed objective that echoc itself made is unknown") {
  Result late = run_on(5000, 20ms);
  CHECK(judged_trial(late, "p99<10ms").verdict == TrialVerdict::missed);
  late.latency_without_echoc = run_on(5000, 1ms).latency_without_echoc;
  const RateTrial trial = judged_trial(late, "p99<10ms");
  CHECK(trial.verdict == TrialVerdict::unknown);
  CHECK(trial.limited_by == LimitedBy::generator);
  late.latency_without_echoc = run_on(5000, 15ms).latency_without_echoc;
  CHECK(judged_trial(late, "p99<10ms").verdict == TrialVerdict::missed);
}

TEST_CASE("a server that fell behind is no less the limit because echoc was a bit late too") {
  Result result = run_on(950);
  result.latency_without_echoc = {};
  for (int i = 0; i < 10'000; ++i) result.latency_without_echoc.record(400ms * i / 10'000);
  CHECK(judged_trial(result, "p99<1h").verdict == TrialVerdict::missed);
  result.latency_without_echoc = run_on(5000).latency_without_echoc;
  CHECK(judged_trial(result, "p99<1h").verdict == TrialVerdict::unknown);
}

TEST_CASE("connections are the limit only if the server is as fast as before") {
  Result waiting = run_on(950);
  waiting.counters.messages.waited = 5000;
  const nanoseconds median = waiting.histogram(Metric::service_time).percentile(50);
  CHECK(judged_trial(waiting, "p99<1h", true, median).limited_by == LimitedBy::connections);
  CHECK(judged_trial(waiting, "p99<1h", true, median / 2).limited_by == LimitedBy::server);
}

TEST_CASE("without an answer nothing is met") {
  Result silent = run_on(5000);
  silent.counters.messages.echoed = 0;
  silent.counters.messages.timed_out = 10'000;
  silent.histogram(Metric::latency) = {};
  silent.answers = {};
  CHECK(judged_trial(silent, "p99<1s").verdict == TrialVerdict::missed);
}

}  // namespace
}  // namespace echo
