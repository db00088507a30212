#include "client/results/objective.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "client/results/durations.h"
#include "common/console.h"
#include "common/units.h"

namespace echo {
namespace {

using Kind = Objective::Kind;

constexpr std::string_view kGrammar =
    "METRIC<LIMIT (also <= > >=) where METRIC is p50, p99.9, min, mean or max with a duration and "
    "its unit, errors with a number or a percentage, or rate with messages per second or, up to 1, "
    "a share of the asked rate; before a time may stand latency., service_time., connect. or "
    "send_lateness.: such as p99<5ms, connect.p99<50ms, errors<0.1% or rate>0.98";

constexpr std::string_view kLikelyUnit = "ms";

// What is wrong with it; the caller knows the text.
struct Refused {};
struct NoUnit {};

double parse_number(std::string_view number) {
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value,
                                            std::chars_format::fixed);
  // from_chars takes "nan" and "inf" too.
  if (error != std::errc{} || end != number.data() + number.size() || std::signbit(value) ||
      !std::isfinite(value)) {
    throw Refused();
  }
  return value;
}

// Takes "connect." and the like off the beginning; a time without it is of the latency.
Metric take_metric(std::string_view& text) {
  const std::size_t dot = text.find('.');
  const auto metric =
      std::ranges::find(kMetrics, text.substr(0, dot), [](Metric one) { return name(one); });
  if (dot == text.npos || metric == kMetrics.end()) return Metric::latency;
  text.remove_prefix(dot + 1);
  return *metric;
}

// "p99<5" is refused: seconds, as everywhere, would hardly be meant.
void read_time_limit(Objective& objective, std::string_view limit) {
  const std::size_t digits = limit.find_first_not_of("0123456789.");
  const bool has_unit = digits != limit.npos;
  objective.time_unit = has_unit ? limit.substr(digits) : kLikelyUnit;
  try {
    objective.time_factor = microseconds(parse_duration("1" + objective.time_unit));
    objective.limit = microseconds(
        parse_duration(fmt::format("{}{}", limit.substr(0, digits), objective.time_unit)));
  } catch (const std::invalid_argument&) {
    throw Refused();
  }
  if (!has_unit) throw NoUnit();
}

void read_time(Objective& objective, std::string_view metric, std::string_view limit) {
  objective.metric = take_metric(metric);
  if (metric == "min") {
    objective.kind = Kind::min;
  } else if (metric == "mean") {
    objective.kind = Kind::mean;
  } else if (metric == "max") {
    objective.kind = Kind::max;
  } else if (metric.starts_with('p')) {
    objective.percentage = parse_number(metric.substr(1));
    if (objective.percentage > 100) throw Refused();
  } else {
    throw Refused();
  }
  read_time_limit(objective, limit);
}

void read_errors(Objective& objective, std::string_view limit) {
  objective.kind = limit.ends_with('%') ? Kind::error_share : Kind::errors;
  if (objective.kind == Kind::error_share) limit.remove_suffix(1);
  objective.limit = parse_number(limit);
}

void read_rate(Objective& objective, std::string_view limit) {
  double factor = 1;
  if (limit.ends_with('k')) factor = 1e3;
  if (limit.ends_with('M')) factor = 1e6;
  if (factor > 1) limit.remove_suffix(1);
  objective.limit = factor * parse_number(limit);
  objective.kind = objective.limit <= 1 ? Kind::rate_share : Kind::rate;
}

Objective parse_without_blanks(const std::string& text) {
  const std::size_t at = text.find_first_of("<>");
  if (at == text.npos || at == 0) throw Refused();
  const bool or_equal = at + 1 < text.size() && text[at + 1] == '=';
  const std::string metric = text.substr(0, at);
  const std::string limit = text.substr(at + (or_equal ? 2 : 1));

  Objective objective;
  objective.text = text;
  objective.comparison = text.substr(at, or_equal ? 2 : 1);
  if (metric == "errors") {
    read_errors(objective, limit);
  } else if (metric == "rate") {
    read_rate(objective, limit);
  } else {
    read_time(objective, metric, limit);
  }
  return objective;
}

}  // namespace

Objective Objective::parse(std::string_view text) {
  std::string compact(text);
  std::erase_if(compact, [](char c) { return c == ' ' || c == '\t'; });
  try {
    return parse_without_blanks(compact);
  } catch (const NoUnit&) {
    throw std::invalid_argument(
        fmt::format("'{}' has no unit: write {}{}", text, compact, kLikelyUnit));
  } catch (const Refused&) {
    throw std::invalid_argument(fmt::format("'{}' is not {}", text, kGrammar));
  }
}

std::string_view Objective::unit() const {
  switch (kind) {
    case Kind::errors:
      return "count";
    case Kind::error_share:
      return "%";
    case Kind::rate:
      return "1/s";
    case Kind::rate_share:
      return "ratio";
    default:
      return "us";
  }
}

bool Objective::holds(double value) const {
  if (comparison == "<") return value < limit;
  if (comparison == "<=") return value <= limit;
  if (comparison == ">") return value > limit;
  return value >= limit;
}

std::string Verdict::line() const {
  const std::string subject = target.empty() ? text : printable(target) + " " + text;
  return subject + (met ? ": met, " : ": missed, ") + shown;
}

}  // namespace echo
