#include "client/results/judgement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <compare>

#include "client/results/durations.h"
#include "client/results/target_runs.h"
#include "client/results/text.h"
#include "common/exit_code.h"

namespace echo {
namespace {

using Kind = Objective::Kind;

// In microseconds; nothing among what is missing.
std::optional<double> measured_time(const Objective& objective, const Histogram& times,
                                    std::uint64_t missing) {
  const std::uint64_t rank = Histogram::rank_of(objective.percentage, times.count() + missing);
  switch (objective.kind) {
    case Kind::percentile:
      return rank > times.count() ? std::nullopt
                                  : std::optional(microseconds(times.value_at(rank)));
    case Kind::min:
      return microseconds(times.min());
    case Kind::mean:
      return missing > 0 ? std::nullopt : std::optional(times.mean() / 1e3);
    default:
      return missing > 0 ? std::nullopt : std::optional(microseconds(times.max()));
  }
}

// Three digits, or as many as it takes to stand to the limit as the value does.
std::string deciding_digits(double value, const Objective& objective, double factor) {
  constexpr int kMostDigits = 17;
  if (value == 0) return "0";
  const double shown = value / factor;
  const double limit = objective.limit / factor;
  const int magnitude = static_cast<int>(std::floor(std::log10(shown)));
  std::string text;
  for (int digits = 3; digits <= kMostDigits; ++digits) {
    text = fmt::format("{:.{}f}", shown, std::max(0, digits - 1 - magnitude));
    if ((std::stod(text) <=> limit) == (shown <=> limit)) break;
  }
  return text;
}

std::string shown_value(const Objective& objective, double value) {
  switch (objective.kind) {
    case Kind::errors:
      return grouped(static_cast<std::uint64_t>(value));
    case Kind::error_share:
      return deciding_digits(value, objective, 1) + " %";
    case Kind::rate:
      return deciding_digits(value, objective, 1) + "/s";
    case Kind::rate_share:
      return deciding_digits(value, objective, 1) + " of the rate asked for";
    default:
      return deciding_digits(value, objective, objective.time_factor) + " " + objective.time_unit;
  }
}

void judge_time(Verdict& verdict, const Objective& objective, const Result& result) {
  const Histogram& times = result.histogram(objective.metric);
  const auto [count, fate] = missing(objective.metric, result.counters);
  if (times.count() > 0) verdict.value = measured_time(objective, times, count);
  if (verdict.value || count == 0) return;
  verdict.shown = fmt::format(
      "{} {}",
      percent_text(static_cast<double>(count) / static_cast<double>(times.count() + count)), fate);
}

void judge_number(Verdict& verdict, const Objective& objective, const Result& result) {
  switch (objective.kind) {
    case Kind::errors:
      verdict.value = static_cast<double>(failures(result.counters));
      break;
    case Kind::error_share:
      if (const auto share = failed_share(result.counters)) verdict.value = 100 * *share;
      break;
    case Kind::rate:
      verdict.value = result.achieved_rate();
      break;
    default:
      if (!result.open_loop()) break;
      verdict.value = result.achieved_rate() / result.asked_rate;
  }
}

// An objective on errors says how many are tolerable, and it alone judges them.
bool errors_are_judged(const Result& result) {
  return std::ranges::any_of(result.plan.objectives, &Objective::is_errors) ||
         (result.found_rate && result.found_rate->errors_judged);
}

bool is_measured(const Result& result) {
  return result.histogram(Metric::latency).count() > 0;
}

// Over all its rounds.
void judge_target(Result& result, const TargetRuns& target) {
  const Result sum = sum_of_runs(target.runs);
  for (const Objective& objective : result.plan.objectives) {
    result.verdicts.push_back(judge(objective, sum));
    result.verdicts.back().target = target.target;
  }
}

// Of several targets the most serious of all runs, which have no verdicts of their own. The other
// rounds of its target must not hide one that measured nothing.
int worst_status(const Result& result) {
  std::vector<int> seen{result.partial ? exit_interrupted : exit_ok};
  for (const TargetRuns& target : result.targets) {
    for (const Result& run : target.runs) {
      seen.push_back(exit_status(run));
      if (!is_measured(run)) seen.push_back(exit_objective_missed);
    }
  }
  if (!std::ranges::all_of(result.verdicts, &Verdict::met)) seen.push_back(exit_objective_missed);
  for (const int status : {exit_corrupt, exit_interrupted, exit_failed, exit_objective_missed}) {
    if (std::ranges::count(seen, status) > 0) return status;
  }
  return exit_ok;
}

}  // namespace

Missing missing(Metric metric, const Counters& counters) {
  switch (metric) {
    case Metric::connect:
      return {counters.connections.failed, "could not be made"};
    case Metric::send_lateness:
      return {counters.messages.unsent, "were never sent"};
    default:
      return {counters.unanswered(), "had no answer"};
  }
}

Verdict judge(const Objective& objective, const Result& result) {
  Verdict verdict{objective.text, std::nullopt, std::string(objective.unit()), false,
                  "no message measured"};
  if (objective.is_time()) {
    judge_time(verdict, objective, result);
  } else {
    judge_number(verdict, objective, result);
  }
  if (!verdict.value) return verdict;
  verdict.met = is_measured(result) && objective.holds(*verdict.value);
  verdict.shown =
      is_measured(result) ? shown_value(objective, *verdict.value) : "no message measured";
  return verdict;
}

void judge_all(Result& result) {
  result.verdicts.clear();
  for (const TargetRuns& target : result.targets) judge_target(result, target);
  if (!result.targets.empty()) return;
  for (const Objective& objective : result.plan.objectives) {
    result.verdicts.push_back(judge(objective, result));
  }
}

int exit_status(const Result& result) {
  if (!result.targets.empty()) return worst_status(result);
  const Counters& counters = result.counters;
  if (counters.messages.corrupt + counters.messages.corrupt_in_warmup > 0) return exit_corrupt;
  if (result.partial) return exit_interrupted;
  const auto& found = result.found_rate;
  // The run that is reported then is one that missed, whatever failed in it.
  if (found && !found->complete) return exit_failed;
  if (found && found->rate == 0) return exit_objective_missed;
  const bool failed = failures(counters) > 0 || !is_measured(result);
  if (failed && !errors_are_judged(result)) return exit_failed;
  if (found && !found->satisfies()) return exit_objective_missed;
  return std::ranges::all_of(result.verdicts, &Verdict::met) ? exit_ok : exit_objective_missed;
}

}  // namespace echo
