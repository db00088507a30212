#include "client/page/headline.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/page/side_by_side.h"
#include "client/results/comparison_report.h"
#include "client/results/find_rate_report.h"
#include "client/results/findings.h"
#include "client/results/target_comparison.h"
#include "client/results/text.h"

namespace echo {
namespace {

constexpr std::size_t kMostNamed = 4;

std::string times_text(const Result& result) {
  const Histogram& latency = result.histogram(Metric::latency);
  if (latency.count() == 0) return "no message has a latency";
  return fmt::format("p50 {}, p99 {}", short_text(latency.percentile(50)),
                     short_text(latency.percentile(99)));
}

std::string errors_text(const Result& result) {
  const std::uint64_t count = failures(result.counters);
  if (count == 0) return "no errors";
  return fmt::format("{}, {}", counted(count, "error"), share_of_errors(result.counters));
}

std::string objectives_text(const std::vector<Verdict>& verdicts) {
  if (verdicts.empty()) return "no objectives were set";
  std::vector<std::string> missed;
  for (const Verdict& verdict : verdicts) {
    const std::string target = verdict.target.empty() ? "" : verdict.target + " ";
    if (!verdict.met) missed.push_back(shown_text(target + verdict.text));
  }
  const std::string all = counted(verdicts.size(), "objective");
  if (missed.empty()) return all + " met";
  const std::size_t more = missed.size() - std::min(missed.size(), kMostNamed);
  missed.resize(missed.size() - more);
  return fmt::format("{} of {} missed: {}{}", missed.size() + more, all, fmt::join(missed, ", "),
                     more == 0 ? "" : fmt::format(" and {} more", more));
}

// "127.0.0.1:7007, the highest rate with p99<5ms: 1,980.0 messages/s; …"
std::string search_text(const std::string& target, const FoundRate& found) {
  std::string text = fmt::format("{}, the highest rate with {}: {}", target,
                                 shown_text(fmt::format("{}", fmt::join(found.objectives, ", "))),
                                 found_text(found));
  if (found.next_failed) {
    text += fmt::format("; next failed: {} messages/s", number_text(*found.next_failed));
  }
  return found.complete ? text + "; limit: " + limit_text(found) : text;
}

// "p99 -12.0 % (better), max -3.1 % (better)"
std::string differences_text(const TargetRuns& base, const TargetRuns& next) {
  const auto comparison = compare_targets(base, next);
  if (!comparison) return "not compared, without a complete round of both";
  if (!comparison->has_enough_runs()) return "too few rounds to tell a change from noise";
  std::vector<std::string> parts;
  for (const Difference& one : comparison->differences) {
    if (!one.beyond_noise) continue;
    parts.push_back(fmt::format("{} {} ({})", one.name, share_text(one.change, true),
                                judgement_text(one, *comparison)));
  }
  return parts.empty() ? "nothing beyond noise" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string targets_text(const std::vector<TargetRuns>& targets) {
  std::string text = fmt::format("{} beside {}, the base", counted(targets.size() - 1, "target"),
                                 shown_text(targets.front().target));
  std::string separator = ": ";
  const std::size_t named = std::min(targets.size(), kMostNamed + 1);
  for (std::size_t i = 1; i < named; ++i) {
    text += separator + shown_text(targets[i].target) + ": " +
            differences_text(targets.front(), targets[i]);
    separator = "; ";
  }
  return text + (named < targets.size() ? "; and more below" : "");
}

}  // namespace

std::string answer_of(const Result& result) {
  const std::string target = shown_text(result.target);
  if (!result.error.empty() || result.nothing_happened()) {
    return fmt::format("{}: nothing was measured: {}", target,
                       result.error.empty() ? "no message was measured" : shown_text(result.error));
  }
  const std::string begin = result.partial ? "Interrupted before its end: " : "";
  if (result.found_rate) return begin + search_text(target, *result.found_rate) + ".";
  if (result.targets.size() > 1) {
    return fmt::format("{}{}; {}; {}.", begin, targets_text(result.targets), errors_text(result),
                       objectives_text(result.verdicts));
  }
  return fmt::format("{}{} answered {}: {}; {}; {}.", begin, target,
                     fmt::join(rate_items(result), ", "), times_text(result), errors_text(result),
                     objectives_text(result.verdicts));
}

std::string headline(const std::vector<SavedRun>& runs, const std::vector<std::string>& names) {
  if (runs.size() == 1) return answer_of(runs.front().result);
  std::string text = fmt::format("{} results beside {}, the base", runs.size() - 1, names.front());
  if (runs.size() == 2) text = fmt::format("{} beside {}, the base", names[1], names.front());
  std::string separator = ": ";
  for (std::size_t i = 1; i < std::min(runs.size(), kMostNamed + 1); ++i) {
    text += separator + (runs.size() == 2 ? "" : names[i] + " ");
    text += fmt::format("latency p50 {}, p99 {}, rate {}",
                        change_text("p50", runs[0].result, runs[i].result),
                        change_text("p99", runs[0].result, runs[i].result),
                        change_text("rate", runs[0].result, runs[i].result));
    separator = "; ";
  }
  if (runs.size() > kMostNamed + 1) text += "; and more below";
  return text + ". One run each cannot tell a change from noise.";
}

}  // namespace echo
