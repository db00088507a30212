#include "client/results/rate_trial.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/results/durations.h"
#include "client/results/findings.h"
#include "client/results/judgement.h"
#include "client/results/pace.h"
#include "client/results/text.h"

namespace echo {
namespace {

using std::chrono::nanoseconds;
using Kind = Objective::Kind;

// The pace may be lower by that. A short run is judged mildly, because a long one follows.
constexpr double kShortTolerance = 0.02;
constexpr double kLongTolerance = 0.01;

constexpr double kSlower = 1.25;

// Whether echoc itself was what an objective was missed by: without its own part, which is not
// small, it would have been met.
bool missed_by_echoc(const Objective& objective, const Verdict& verdict, const Result& result) {
  if (objective.is_errors() || objective.metric == Metric::connect) return false;
  if (objective.metric == Metric::send_lateness) return true;
  if (!objective.is_time() || objective.metric != Metric::latency) {
    return limited_by(result) == LimitedBy::generator;
  }
  Result without;
  without.counters = result.counters;
  without.histogram(Metric::latency) = result.latency_without_echoc;
  const Verdict rest = judge(objective, without);
  return rest.met && rest.value && verdict.value && is_moved(*verdict.value, *rest.value);
}

// What falls behind shows in the last latencies: they stay without echoc's own part if it was the
// server. Any smaller part of echoc in them says nothing.
bool fell_behind_by_echoc(const Result& result) {
  constexpr double kLast = 99;
  const auto with = result.histogram(Metric::latency).percentile(kLast);
  const auto without = result.latency_without_echoc.percentile(kLast);
  return limited_by(result) == LimitedBy::generator && without < with / 2;
}

// Messages that wait for a busy connection are the connections' fault only if the server answers
// as fast as it does at a lower rate.
LimitedBy cause_of(const Result& result, std::optional<nanoseconds> usual) {
  if (!many_waited(result.counters)) return LimitedBy::server;
  if (!usual) return LimitedBy::connections;
  const nanoseconds now = result.histogram(Metric::service_time).percentile(50);
  return seconds(now) <= kSlower * seconds(*usual) ? LimitedBy::connections : LimitedBy::server;
}

std::string trial_text(const Objective& objective, const Verdict& verdict) {
  const std::string metric = objective.text.substr(0, objective.text.find_first_of("<>"));
  return metric + " " + verdict.shown;
}

}  // namespace

std::string_view name(TrialVerdict verdict) {
  switch (verdict) {
    case TrialVerdict::met:
      return "met";
    case TrialVerdict::missed:
      return "missed";
    default:
      return "unknown";
  }
}

RateTrial judge_trial(const Result& result, const std::vector<Objective>& objectives,
                      bool confirming, std::optional<nanoseconds> usual) {
  RateTrial trial{.asked = result.asked_rate,
                  .achieved = answer_pace(result),
                  .duration = result.plan.duration,
                  .confirming = confirming,
                  .verdict = TrialVerdict::met,
                  .limited_by = LimitedBy::rate,
                  .values = {}};
  bool is_known = false;  // that it is missed whatever echoc did
  const auto miss = [&](bool by_echoc) {
    trial.verdict = TrialVerdict::unknown;
    is_known = is_known || !by_echoc;
  };
  for (const Objective& objective : objectives) {
    const Verdict verdict = judge(objective, result);
    trial.values.push_back(trial_text(objective, verdict));
    if (!verdict.met) miss(missed_by_echoc(objective, verdict, result));
  }
  if (!keeps_rate(result, trial.achieved, confirming ? kLongTolerance : kShortTolerance)) {
    trial.values.push_back("fell behind");
    miss(fell_behind_by_echoc(result));
  }
  if (is_known) trial.verdict = TrialVerdict::missed;
  if (trial.verdict == TrialVerdict::missed) trial.limited_by = cause_of(result, usual);
  if (trial.verdict == TrialVerdict::unknown) trial.limited_by = LimitedBy::generator;
  return trial;
}

}  // namespace echo
