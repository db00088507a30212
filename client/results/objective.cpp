#include "client/results/objective.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "client/results/result.h"
#include "common/units.h"

namespace echo::load {
namespace {

using Kind = Objective::Kind;

constexpr std::string_view kGrammar =
    "METRIC<LIMIT (also <= > >=) where METRIC is p50, p99.9, min, mean or max with a duration, "
    "errors with a number or a percentage, or rate with a number a second or, up to 1, a share of "
    "the asked rate; before a time may stand latency., service_time., connect. or send_lateness.: "
    "such as p99<5ms, connect.p99<50ms, errors<0.1% or rate>0.98";

std::invalid_argument refusal(std::string_view text) {
  return std::invalid_argument(fmt::format("'{}' is not {}", text, kGrammar));
}

double parse_number(std::string_view number, std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value,
                                            std::chars_format::fixed);
  if (error != std::errc{} || end != number.data() + number.size() || number.front() == '-') {
    throw refusal(text);
  }
  return value;
}

Times take_times(std::string_view& metric) {
  constexpr std::array<std::pair<std::string_view, Times>, 4> kNames{
      {{"latency.", Times::latency},
       {"service_time.", Times::service_time},
       {"connect.", Times::connect},
       {"send_lateness.", Times::send_lateness}}};
  for (const auto& [name, times] : kNames) {
    if (!metric.starts_with(name)) continue;
    metric.remove_prefix(name.size());
    return times;
  }
  return Times::latency;
}

void read_time_limit(Objective& objective, std::string_view metric, std::string_view limit) {
  objective.times = take_times(metric);
  if (metric == "min") {
    objective.kind = Kind::min;
  } else if (metric == "mean") {
    objective.kind = Kind::mean;
  } else if (metric == "max") {
    objective.kind = Kind::max;
  } else if (metric.size() > 1 && metric.starts_with('p')) {
    objective.percentage = parse_number(metric.substr(1), objective.text);
    if (objective.percentage > 100) throw refusal(objective.text);
  } else {
    throw refusal(objective.text);
  }
  try {
    objective.limit = static_cast<double>(parse_duration(limit).count()) / 1e3;
  } catch (const std::invalid_argument&) {
    throw refusal(objective.text);
  }
}

void read_errors_limit(Objective& objective, std::string_view limit) {
  objective.kind = limit.ends_with('%') ? Kind::error_share : Kind::errors;
  if (objective.kind == Kind::error_share) limit.remove_suffix(1);
  if (limit.empty()) throw refusal(objective.text);
  objective.limit = parse_number(limit, objective.text);
}

void read_rate_limit(Objective& objective, std::string_view limit) {
  double factor = 1;
  if (limit.ends_with('k')) factor = 1e3;
  if (limit.ends_with('M')) factor = 1e6;
  if (factor > 1) limit.remove_suffix(1);
  if (limit.empty()) throw refusal(objective.text);
  objective.limit = factor * parse_number(limit, objective.text);
  objective.kind = objective.limit <= 1 ? Kind::rate_share : Kind::rate;
}

double failed_share(const Counters& counters) {
  const std::uint64_t tried = counters.messages.sent + counters.connections.failed;
  if (tried == 0) return 100;
  return 100 * static_cast<double>(failures(counters)) / static_cast<double>(tried);
}

double value_of(const Objective& objective, const Result& result) {
  const Histogram& times = result.times(objective.times);
  switch (objective.kind) {
    case Kind::percentile:
      return static_cast<double>(times.percentile(objective.percentage).count()) / 1e3;
    case Kind::min:
      return static_cast<double>(times.min().count()) / 1e3;
    case Kind::mean:
      return times.mean() / 1e3;
    case Kind::max:
      return static_cast<double>(times.max().count()) / 1e3;
    case Kind::errors:
      return static_cast<double>(failures(result.counters));
    case Kind::error_share:
      return failed_share(result.counters);
    case Kind::rate:
      return result.achieved_rate();
    case Kind::rate_share:
      return result.achieved_rate() / static_cast<double>(result.asked_rate);
  }
  return 0;
}

// A time that nobody measured meets nothing: a run without one answer is not a fast one.
bool was_measured(const Objective& objective, const Result& result) {
  const bool is_time = objective.kind == Kind::percentile || objective.kind == Kind::min ||
                       objective.kind == Kind::mean || objective.kind == Kind::max;
  return !is_time || result.times(objective.times).count() > 0;
}

bool holds(double value, std::string_view comparison, double limit) {
  if (comparison == "<") return value < limit;
  if (comparison == "<=") return value <= limit;
  if (comparison == ">") return value > limit;
  return value >= limit;
}

}  // namespace

Objective Objective::parse(std::string_view text) {
  const std::size_t at = text.find_first_of("<>");
  if (at == text.npos || at == 0) throw refusal(text);
  const bool or_equal = at + 1 < text.size() && text[at + 1] == '=';
  const std::string_view metric = text.substr(0, at);
  const std::string_view limit = text.substr(at + (or_equal ? 2 : 1));
  if (limit.empty()) throw refusal(text);

  Objective objective;
  objective.text = text;
  objective.comparison = text.substr(at, or_equal ? 2 : 1);
  if (metric == "errors") {
    read_errors_limit(objective, limit);
  } else if (metric == "rate") {
    read_rate_limit(objective, limit);
  } else {
    read_time_limit(objective, metric, limit);
  }
  return objective;
}

Verdict judge(const Objective& objective, const Result& result) {
  const double value = value_of(objective, result);
  const bool met =
      was_measured(objective, result) && holds(value, objective.comparison, objective.limit);
  return {objective.text, value, met};
}

}  // namespace echo::load
