#include "client/page/page_targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "client/page/page_values.h"
#include "client/page/side_by_side.h"
#include "client/results/comparison_report.h"
#include "client/results/run_measures.h"
#include "client/results/target_comparison.h"
#include "client/results/text.h"

namespace echo {
namespace {

using Json = nlohmann::ordered_json;
using MaybeComparison = std::optional<Comparison>;

std::string cell_text(const std::optional<double>& value, const std::string& unit) {
  return value ? value_text(unit, *value) : "-";
}

std::string probability_text(double p) {
  return p < 0.001 ? "<0.001" : fmt::format("{:.3f}", p);
}

// A value and, beside the base, how it differs and what that is worth.
Json cell_of(const std::string& text, std::string_view metric, const MaybeComparison& comparison) {
  Json cell{{"text", text}};
  if (!comparison) return cell;
  const auto found = std::ranges::find(comparison->differences, metric, &Difference::name);
  if (found == comparison->differences.end()) return cell;
  cell["change"] = share_text(found->change, true);
  cell["judgement"] = judgement_text(*found, *comparison);
  return cell;
}

Json target_row(const TargetRuns& target, const MaybeComparison& comparison) {
  const TargetFigures figures = figures_of(target);
  std::uint64_t errors = 0;
  for (const Result& run : target.runs) errors += failures(run.counters);
  const auto cell = [&](const std::optional<double>& value, const std::string& unit,
                        std::string_view metric) {
    return cell_of(cell_text(value, unit), metric, comparison);
  };
  const std::string rounds = figures.measured == figures.rounds
                                 ? std::to_string(figures.rounds)
                                 : fmt::format("{} of {}", figures.measured, figures.rounds);
  return {{"target", shown_text(target.target)},
          {"rounds", rounds},
          {"cells",
           {cell(figures.rate, "1/s", "rate"), cell(figures.p50, "us", "p50"),
            cell(figures.p99, "us", "p99"), cell(figures.max, "us", "max"),
            cell_of(grouped(errors), "errors", comparison),
            cell(figures.cpu_per_message, "us", kCpuPerMessage)}}};
}

Json differences_of(const Comparison& comparison) {
  Json rows = Json::array();
  for (const Difference& one : comparison.differences) {
    rows.push_back({one.name, value_text(one.unit, one.base), share_text(one.base_spread, false),
                    value_text(one.unit, one.next), share_text(one.next_spread, false),
                    share_text(one.change, true), probability_text(one.p),
                    judgement_text(one, comparison)});
  }
  return rows;
}

Json target_curve(const TargetRuns& target, const Percentiles& percentiles, CurveDetail detail) {
  Histogram times;
  for (const Result& run : target.runs) times.add(run.histogram(Metric::latency));
  return {{"label", shown_text(target.target)},
          {"count", times.count()},
          {"points", curve_json(times, percentiles, detail)}};
}

}  // namespace

Json page_targets(const Result& result, std::size_t most, CurveDetail detail) {
  const auto& targets = result.targets;
  const std::size_t shown = std::min(targets.size(), most);
  Json json{{"rows", Json::array()},
            {"differences", Json::array()},
            {"curves", Json::array()},
            {"left_out", targets.size() - shown}};
  std::set<std::string> noise;
  for (std::size_t i = 0; i < shown; ++i) {
    const auto comparison = i == 0 ? std::nullopt : compare_targets(targets.front(), targets[i]);
    json["rows"].push_back(target_row(targets[i], comparison));
    json["curves"].push_back(target_curve(targets[i], result.plan.percentiles, detail));
    if (i == 0) continue;
    Json rows = comparison ? differences_of(*comparison) : Json::array();
    json["differences"].push_back(
        {{"target", shown_text(targets[i].target)}, {"rows", std::move(rows)}});
    if (comparison) noise.insert(noise_text(*comparison));
  }
  json["noise"] = noise;
  return json;
}

}  // namespace echo
