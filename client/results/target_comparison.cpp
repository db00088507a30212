#include "client/results/target_comparison.h"

#include <array>
#include <utility>

#include "client/results/run_measures.h"
#include "client/results/target_runs.h"

namespace echo {
namespace {

using RunPointers = std::vector<const Result*>;

struct Figure {
  const char* name;
  const char* unit;
  bool higher_is_better;
};
constexpr std::array<Figure, 6> kFigures{{{"rate", "1/s", true},
                                          {"p50", "us", false},
                                          {"p99", "us", false},
                                          {"max", "us", false},
                                          {"errors", "count", false},
                                          {kCpuPerMessage.data(), "us", false}}};

// Nothing if one of the runs has not measured it.
std::optional<std::vector<double>> values_of(const std::string& figure, const RunPointers& runs) {
  std::vector<double> values;
  for (const Result* run : runs) {
    const auto value = run_value(figure, *run);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

RunPointers measured_runs(const TargetRuns& target) {
  RunPointers runs = complete_runs(target);
  if (!runs.empty()) return runs;
  for (const Result& run : target.runs) {
    if (run.error.empty()) runs.push_back(&run);
  }
  return runs;
}

}  // namespace

TargetFigures figures_of(const TargetRuns& target) {
  const RunPointers runs = measured_runs(target);
  TargetFigures figures;
  figures.rounds = target.runs.size();
  figures.measured = runs.size();
  if (runs.empty()) return figures;
  const auto median_of = [&runs](const std::string& figure) {
    const auto values = values_of(figure, runs);
    return values ? std::optional(median(*values)) : std::nullopt;
  };
  figures.rate = median_of("rate");
  figures.p50 = median_of("p50");
  figures.p99 = median_of("p99");
  figures.max = median_of("max");
  figures.cpu_per_message = median_of(std::string(kCpuPerMessage));
  return figures;
}

std::optional<Comparison> compare_targets(const TargetRuns& base, const TargetRuns& next) {
  const RunPointers base_runs = complete_runs(base);
  const RunPointers next_runs = complete_runs(next);
  if (base_runs.empty() || next_runs.empty()) return std::nullopt;
  std::vector<Measure> measures;
  for (const auto& [name, unit, higher_is_better] : kFigures) {
    auto ours = values_of(name, base_runs);
    auto theirs = values_of(name, next_runs);
    if (!ours || !theirs) continue;
    measures.push_back({name, unit, higher_is_better, std::move(*ours), std::move(*theirs)});
  }
  return compare(measures, {});
}

}  // namespace echo
