#include "client/results/target_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "client/results/findings.h"
#include "client/results/merged_result.h"
#include "client/results/text.h"

namespace echo {
namespace {

void add_later(Result& sum, const Result& next) {
  const std::uint64_t threads = std::max(sum.generator.threads, next.generator.threads);
  add_measurements(sum, next);
  sum.generator.threads = threads;
  sum.started = std::min(sum.started, next.started);
  sum.duration += next.duration;
  sum.scheduled += next.scheduled;
  sum.partial = sum.partial || next.partial;
  if (next.pace) sum.pace = std::min(sum.pace.value_or(*next.pace), *next.pace);
  if (sum.socket || !next.socket) return;
  // Those before had no connection, and may not even have come to know how long they would spin.
  sum.socket = next.socket;
  sum.plan.spin = next.plan.spin;
}

// "2 of 5 rounds (2, 4)", nothing if there is no such round.
std::string rounds_text(const TargetRuns& target,
                        const std::function<bool(const Result&)>& is_one) {
  std::vector<std::size_t> rounds;
  for (std::size_t i = 0; i < target.runs.size(); ++i) {
    if (is_one(target.runs[i])) rounds.push_back(i + 1);
  }
  if (rounds.empty()) return {};
  return fmt::format("{} of {} ({})", rounds.size(), counted(target.runs.size(), "round"),
                     fmt::join(rounds, ", "));
}

void add_remarks(std::vector<std::string>& remarks, const TargetRuns& target, const Result& sum) {
  const auto add = [&](const std::string& text) {
    remarks.push_back(fmt::format("{}: {}", target.target, text));
  };
  const auto is_empty = [](const Result& run) { return !run.error.empty() && !run.partial; };
  const std::string empty = rounds_text(target, is_empty);
  if (!empty.empty()) {
    const auto first = std::ranges::find_if(target.runs, is_empty);
    add(fmt::format("{} measured nothing: {}", empty, first->error));
  }
  if (sum.nothing_happened()) return;
  const std::string few = rounds_text(target, [](const Result& run) {
    return run.error.empty() && run.counters.connections.made < run.plan.connections;
  });
  if (!few.empty()) add(few + " began with fewer connections than asked for");
  const std::uint64_t corrupt = sum.counters.messages.corrupt;
  if (corrupt > 0) add(counted(corrupt, "message") + " came back wrong");
  Result made = sum;  // how many stood was told by rounds
  made.counters.connections.made = made.plan.connections;
  for (const std::string& warning : warnings(made)) add(warning);
}

}  // namespace

Result sum_of_runs(const std::vector<Result>& runs) {
  if (runs.empty()) return {};
  Result sum = runs.front();
  sum.error.clear();
  sum.intervals.clear();
  for (auto next = runs.begin() + 1; next != runs.end(); ++next) add_later(sum, *next);
  return sum;
}

Result sum_of_targets(const LoadPlan& plan, std::vector<TargetRuns> targets) {
  Result sum;
  std::vector<std::string> names;
  std::vector<std::string> remarks;
  bool has_run = false;
  for (const TargetRuns& target : targets) {
    names.push_back(target.target);
    if (target.runs.empty()) continue;
    const Result part = sum_of_runs(target.runs);
    add_remarks(remarks, target, part);
    has_run ? add_later(sum, part) : void(sum = part);
    has_run = true;
  }
  const nanoseconds spin = has_run ? sum.plan.spin : plan.spin;
  sum.plan = plan;
  sum.plan.spin = spin;
  sum.asked_rate = plan.rate;
  sum.target = fmt::format("{}", fmt::join(names, ", "));
  sum.remarks = std::move(remarks);
  sum.targets = std::move(targets);
  return sum;
}

std::vector<const Result*> complete_runs(const TargetRuns& target) {
  std::vector<const Result*> complete;
  for (const Result& run : target.runs) {
    if (run.error.empty() && !run.partial) complete.push_back(&run);
  }
  return complete;
}

}  // namespace echo
