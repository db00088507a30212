#include "client/results/threshold.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "client/results/objective.h"

namespace echo {
namespace {

constexpr std::string_view kThresholdGrammar =
    "METRIC>+N% or METRIC<-N% (also >= <=), where METRIC is a time, errors or rate as in --slo, or "
    "cpu_per_message: such as p99>+10% or rate<-5%";

// What is wrong with it; the caller knows the text.
struct NoThreshold {};

// A metric that is none of --slo has no limit there that would be taken.
void check_metric(const std::string& metric) {
  if (metric == kCpuPerMessage || metric == "errors" || metric == "rate") return;
  try {
    Objective::parse(metric + "<1s");
  } catch (const std::invalid_argument&) {
    throw NoThreshold();
  }
}

double parse_share(std::string_view text, char sign) {
  if (!text.ends_with('%')) throw NoThreshold();
  text.remove_suffix(1);
  const bool has_sign = text.starts_with(sign);
  if (has_sign) text.remove_prefix(1);
  // An increase may do without its sign.
  if (!has_sign && sign == '-') throw NoThreshold();
  if (text.empty() || text.find_first_not_of("0123456789.") != text.npos) throw NoThreshold();
  double percent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (error != std::errc{} || end != text.data() + text.size()) throw NoThreshold();
  // Nothing decreases by more than all of it, so that such a gate could never fail.
  if (sign == '-' && percent >= 100) throw NoThreshold();
  return (sign == '-' ? -percent : percent) / 100;
}

Threshold parse_threshold(const std::string& text) {
  const std::size_t at = text.find_first_of("<>");
  if (at == text.npos) throw NoThreshold();
  const bool or_equal = at + 1 < text.size() && text[at + 1] == '=';
  Threshold threshold;
  threshold.text = text;
  threshold.metric = text.substr(0, at);
  threshold.comparison = text.substr(at, or_equal ? 2 : 1);
  check_metric(threshold.metric);
  threshold.limit = parse_share(std::string_view(text).substr(at + (or_equal ? 2 : 1)),
                                text[at] == '>' ? '+' : '-');
  return threshold;
}

}  // namespace

Threshold Threshold::parse(std::string_view text) {
  std::string compact(text);
  std::erase_if(compact, [](char c) { return c == ' ' || c == '\t'; });
  try {
    return parse_threshold(compact);
  } catch (const NoThreshold&) {
    throw std::invalid_argument(fmt::format("'{}' is not {}", text, kThresholdGrammar));
  }
}

bool Threshold::is_exceeded(double change) const {
  if (comparison == ">") return change > limit;
  if (comparison == ">=") return change >= limit;
  if (comparison == "<") return change < limit;
  return change <= limit;
}

}  // namespace echo
