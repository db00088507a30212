#include "client/results/targets_report.h"

#include <fmt/format.h>

#include <set>

#include "client/results/comparison_report.h"
#include "client/results/target_comparison.h"
#include "client/results/target_runs.h"
#include "client/results/text.h"
#include "common/console.h"

namespace echo {
namespace {

constexpr std::size_t kNameColumns = 22;

std::string cell(const std::optional<double>& value, const std::string& unit) {
  return value ? value_text(unit, *value) : "-";
}

// A name that is too long has a line of its own.
std::string target_row(const TargetRuns& target) {
  const TargetFigures figures = figures_of(target);
  std::uint64_t errors = 0;
  for (const Result& run : target.runs) errors += failures(run.counters);
  const std::string rounds = figures.measured == figures.rounds
                                 ? std::to_string(figures.rounds)
                                 : fmt::format("{}/{}", figures.measured, figures.rounds);
  std::string name = printable(target.target);
  if (name.size() >= kNameColumns) name += "\n" + std::string(kNameColumns, ' ');
  return fmt::format("{:<{}}{:>7}{:>9}{:>8}{:>8}{:>8}{:>7}{:>9}\n", name, kNameColumns, rounds,
                     cell(figures.rate, "1/s"), cell(figures.p50, "us"), cell(figures.p99, "us"),
                     cell(figures.max, "us"), short_count(errors),
                     cell(figures.cpu_per_message, "us"));
}

std::string table(const Result& result) {
  std::string text =
      fmt::format("{:<{}}{:>7}{:>9}{:>8}{:>8}{:>8}{:>7}{:>9}\n", "median of rounds", kNameColumns,
                  "rounds", "rate", "p50", "p99", "max", "errors", "cpu/msg");
  for (const TargetRuns& target : result.targets) text += target_row(target);
  return text + "The errors are those of all rounds.\n";
}

}  // namespace

std::string targets_report(const Result& result) {
  std::string text = table(result);
  const TargetRuns& base = result.targets.front();
  if (complete_runs(base).empty()) {
    return text + fmt::format("\nNothing to compare with: {} has no complete round.\n",
                              printable(base.target));
  }
  std::set<std::string> noise;
  for (std::size_t i = 1; i < result.targets.size(); ++i) {
    const TargetRuns& next = result.targets[i];
    const auto comparison = compare_targets(base, next);
    if (!comparison) {
      text += fmt::format("\nNot compared: {} has no complete round.\n", printable(next.target));
      continue;
    }
    ComparedSides sides;
    sides.base = base.target;
    sides.next = next.target;
    sides.comparison = *comparison;
    text += "\n" + comparison_table(sides);
    noise.insert(comparison_noise(*comparison));
  }
  for (const std::string& one : noise) text += "\n" + one;
  return text;
}

}  // namespace echo
