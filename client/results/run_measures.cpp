#include "client/results/run_measures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <string_view>
#include <utility>

#include "client/results/durations.h"
#include "client/results/json_options.h"
#include "client/results/judgement.h"
#include "client/results/text.h"
#include "common/units.h"
#include "common/usage_error.h"

namespace echo {
namespace {

using Runs = std::vector<NamedResult>;

// The metric of --slo, with any limit.
Objective objective_of(const std::string& metric) {
  if (metric == "errors") return Objective::parse("errors<1");
  if (metric == "rate") return Objective::parse("rate>2");
  return Objective::parse(metric + "<1s");
}

std::optional<double> cpu_per_message(const Result& result) {
  const std::uint64_t echoed = result.counters.messages.echoed;
  if (echoed == 0 || result.generator.threads == 0) return std::nullopt;
  return microseconds(result.generator.cpu) / static_cast<double>(echoed);
}

// Fills one side; the name of the first run that lacks the value, if one does.
const std::string* fill(std::vector<double>& values, const std::string& metric, const Runs& runs) {
  for (const auto& [name, result] : runs) {
    const auto value = run_value(metric, result);
    if (!value) return &name;
    values.push_back(*value);
  }
  return nullptr;
}

std::vector<std::string> metric_names(const Percentiles& percentiles,
                                      const std::vector<Threshold>& thresholds) {
  std::vector<std::string> names;
  for (const double one : percentiles) names.push_back("p" + percentile_text(one));
  for (const std::string_view one :
       {std::string_view("rate"), std::string_view("errors"), kCpuPerMessage}) {
    names.emplace_back(one);
  }
  for (const Threshold& threshold : thresholds) {
    if (std::ranges::count(names, threshold.metric) == 0) names.push_back(threshold.metric);
  }
  return names;
}

// Whatever is not known to be without influence on the figures is compared.
bool may_differ(std::string_view key) {
  constexpr std::array<std::string_view, 5> kFree{"source", "percentiles", "interval_s",
                                                  "connect_timeout_s", "ramp_up_s"};
  return std::ranges::count(kFree, key) > 0;
}

using Setting = std::pair<std::string, std::string>;

std::string text_of(std::uint64_t value) {
  return grouped(value);
}
std::string text_of(double value) {
  return number_text(value);
}
std::string text_of(std::chrono::nanoseconds value) {
  return duration_text(value);
}
template <typename T>
std::string text_of(const std::vector<T>& values) {
  return fmt::format("{}", fmt::join(values, ","));
}
template <typename T>
std::string text_of(const T& value) {
  return fmt::format("{}", value);
}

std::string size_range(const LoadPlan& plan) {
  const std::string smallest = size_text(plan.smallest);
  return plan.largest == plan.smallest ? smallest : smallest + "-" + size_text(plan.largest);
}

// Named as the options are.
std::vector<Setting> settings(const Result& result) {
  std::vector<Setting> all{{"mode", result.open_loop() ? "open" : "closed"},
                           {"size", size_range(result.plan)}};
  for_each_option(result.plan, [&](std::string key, const auto& value) {
    if (may_differ(key) || key.starts_with("size_")) return;
    if (key.ends_with("_s")) key.resize(key.size() - 2);
    std::ranges::replace(key, '_', '-');
    all.emplace_back(key, text_of(value));
  });
  const SocketOptions& socket = result.plan.socket;
  all.emplace_back("dscp", socket.dscp ? dscp_text(*socket.dscp) : "none");
  all.emplace_back("congestion", socket.congestion.empty() ? "none" : socket.congestion);
  all.emplace_back("send-buffer", size_text(socket.send_buffer));
  all.emplace_back("receive-buffer", size_text(socket.receive_buffer));
  all.emplace_back("no-nodelay", socket.no_nodelay ? "yes" : "no");
  all.emplace_back("generators", grouped(result.generators));
  return all;
}

}  // namespace

std::optional<double> run_value(const std::string& metric, const Result& result) {
  if (metric == kCpuPerMessage) return cpu_per_message(result);
  const Objective objective = objective_of(metric);
  const auto value = judge(objective, result).value;
  if (value || !objective.is_time()) return value;
  // If nothing failed, a value that is missing was not measured.
  if (missing(objective.metric, result.counters).count == 0) return std::nullopt;
  return std::numeric_limits<double>::infinity();
}

std::vector<Measure> measures_of(const Runs& base, const Runs& next, const Percentiles& percentiles,
                                 const std::vector<Threshold>& thresholds) {
  std::vector<Measure> measures;
  for (const std::string& metric : metric_names(percentiles, thresholds)) {
    Measure measure;
    measure.name = metric;
    measure.unit = metric == kCpuPerMessage ? "us" : objective_of(metric).unit();
    measure.higher_is_better = metric == "rate";
    const std::string* lacking = fill(measure.base, metric, base);
    if (lacking == nullptr) lacking = fill(measure.next, metric, next);
    if (lacking == nullptr) {
      measures.push_back(std::move(measure));
      continue;
    }
    const auto gate = std::ranges::find(thresholds, metric, &Threshold::metric);
    if (gate == thresholds.end()) continue;
    throw UsageError(
        fmt::format("--fail {}: {} has not measured {}", gate->text, *lacking, metric));
  }
  return measures;
}

std::vector<std::string> unlike_options(const Result& one, const Result& other) {
  std::vector<std::string> differences;
  const auto ours = settings(one);
  const auto theirs = settings(other);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const auto& [key, value] = ours[i];
    if (value == theirs[i].second) continue;
    differences.push_back(fmt::format("{} {} and {}", key, value, theirs[i].second));
  }
  return differences;
}

}  // namespace echo
