#include "client/page/side_by_side.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>

#include "client/results/run_measures.h"
#include "client/results/text.h"
#include "client/results/threshold.h"
#include "common/console.h"

namespace echo {
namespace {

bool is_time(const std::string& metric) {
  return metric != "rate" && metric != "errors";
}

std::string metric_text(const std::string& metric, const std::optional<double>& value) {
  if (!value) return "-";
  if (std::isinf(*value)) return "failed";
  if (metric == "errors") return grouped(static_cast<std::uint64_t>(*value));
  if (!is_time(metric)) return grouped(*value, 1) + "/s";
  return short_text(std::chrono::nanoseconds(std::llround(*value * 1e3)));
}

bool are_distinct(const std::vector<std::string>& names) {
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (name.empty() || !seen.insert(name).second) return false;
  }
  return true;
}

}  // namespace

std::string change_text(const std::string& metric, const Result& base, const Result& next) {
  const auto before = run_value(metric, base);
  const auto after = run_value(metric, next);
  if (!before || !after || std::isinf(*before) || std::isinf(*after)) return "-";
  if (*before == *after) return "0 %";
  if (*before == 0) return "-";
  const double percent = 100 * (*after - *before) / *before;
  return fmt::format("{:+.{}f} %", percent, std::abs(percent) < 1000 ? 1 : 0);
}

std::vector<SideBySideRow> side_by_side(const std::vector<SavedRun>& runs) {
  std::vector<std::string> metrics;
  for (const double one : runs.front().result.plan.percentiles) {
    metrics.push_back("p" + percentile_text(one));
  }
  for (const char* one : {"mean", "max", "rate", "errors"}) metrics.emplace_back(one);
  metrics.emplace_back(kCpuPerMessage);
  std::vector<SideBySideRow> rows;
  for (const std::string& metric : metrics) {
    SideBySideRow row{metric, {}, {}};
    for (const SavedRun& run : runs) {
      const bool is_base = &run == &runs.front();
      row.values.push_back(metric_text(metric, run_value(metric, run.result)));
      row.changes.push_back(is_base ? "" : change_text(metric, runs.front().result, run.result));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> names_of(const std::vector<SavedRun>& runs) {
  using Naming = std::function<std::string(const SavedRun&)>;
  const std::vector<Naming> namings{
      [](const SavedRun& run) { return run.result.plan.label; },
      [](const SavedRun& run) { return std::filesystem::path(run.name).filename().string(); },
      [](const SavedRun& run) { return run.name; }};
  std::vector<std::string> names;
  for (const Naming& naming : namings) {
    names.clear();
    for (const SavedRun& run : runs) names.push_back(shown_text(naming(run)));
    if (are_distinct(names)) return names;
  }
  for (std::size_t i = 0; i < names.size(); ++i) names[i] += fmt::format(" ({})", i + 1);
  return names;
}

std::string shown_text(std::string_view text, std::size_t longest) {
  std::string shown = printable(text.substr(0, longest));
  if (text.size() <= longest) return shown;
  // Not in the middle of a character of UTF-8.
  std::size_t end = shown.size();
  while (end > 0 && (static_cast<unsigned char>(shown[end - 1]) & 0xc0) == 0x80) --end;
  if (end > 0 && static_cast<unsigned char>(shown[end - 1]) >= 0xc0) --end;
  return shown.substr(0, end) + "…";
}

}  // namespace echo
