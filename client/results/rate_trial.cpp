#include "client/results/rate_trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "client/results/durations.h"
#include "client/results/findings.h"
#include "client/results/judgement.h"
#include "client/results/text.h"

namespace echo {
namespace {

using std::chrono::nanoseconds;
using Kind = Objective::Kind;

// Until then a server may fill what it can hold.
constexpr double kBeginning = 0.25;
constexpr std::size_t kFewestPoints = 8;

// The pace may be lower by that. A short run is judged mildly, because a long one follows.
constexpr double kShortTolerance = 0.02;
constexpr double kLongTolerance = 0.01;
constexpr double kCountedMessages = 2;  // where few are counted, one more or less is much

constexpr double kSlower = 1.25;

// The least squares line through the answers that had come by the end of each part.
double slope(const AnswerCurve& answers, std::size_t first) {
  double count = 0;
  double sum = 0;
  double points = 0;
  double mean_time = 0;
  double mean_sum = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    sum += static_cast<double>(answers[i]);
    if (i < first) continue;
    points += 1;
    mean_time += static_cast<double>(i);
    mean_sum += sum;
  }
  mean_time /= points;
  mean_sum /= points;
  double products = 0;
  double squares = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    count += static_cast<double>(answers[i]);
    if (i < first) continue;
    const double time = static_cast<double>(i) - mean_time;
    products += time * (count - mean_sum);
    squares += time * time;
  }
  return products / squares;
}

// Answers in time may be worth little if many messages have none.
double answered_share(const Counters& counters) {
  return counters.due() == 0
             ? 0
             : static_cast<double>(counters.messages.echoed) / static_cast<double>(counters.due());
}

bool keeps_rate(const Result& result, double pace, bool confirming) {
  const double expected = result.asked_rate * answered_share(result.counters);
  const double counted_for = (1 - kBeginning) * seconds(result.plan.duration);
  const double tolerance = confirming ? kLongTolerance : kShortTolerance;
  return pace >= expected * (1 - tolerance) - kCountedMessages / counted_for;
}

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

double answer_pace(const Result& result) {
  const double time = seconds(result.plan.duration);
  const double part = time / kCurveParts;
  const double fastest = seconds(result.histogram(Metric::latency).min());
  const auto first =
      static_cast<std::size_t>(std::ceil(std::max(kBeginning * time, fastest) / part));
  const double most = std::min(result.asked_rate, result.achieved_rate());
  if (first + kFewestPoints <= kCurveParts) {
    return std::clamp(slope(result.answers, first) / part, 0.0, most);
  }
  // Answers take about as long as the run: what counts is when the last one came.
  const double taken = std::max(time, seconds(result.duration) - fastest);
  return std::min(most, static_cast<double>(result.counters.messages.echoed) / taken);
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
  if (!keeps_rate(result, trial.achieved, confirming)) {
    trial.values.push_back("fell behind");
    miss(fell_behind_by_echoc(result));
  }
  if (is_known) trial.verdict = TrialVerdict::missed;
  if (trial.verdict == TrialVerdict::missed) trial.limited_by = cause_of(result, usual);
  if (trial.verdict == TrialVerdict::unknown) trial.limited_by = LimitedBy::generator;
  return trial;
}

}  // namespace echo
