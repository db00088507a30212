#include "client/results/percentiles.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace echo {

double parse_percentile(std::string_view text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  // from_chars takes "nan" and "inf" too.
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0 && value <= 100)) {
    throw std::invalid_argument(
        fmt::format("'{}' is not a percentile from 0 to 100, such as 99.9", text));
  }
  return std::abs(value);
}

std::string percentile_text(double percentile) {
  std::array<char, 512> text{};  // more than the digits of any
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), percentile, std::chars_format::fixed);
  return {text.data(), end};
}

std::string percentiles_text(const Percentiles& percentiles) {
  std::string text;
  for (const double one : percentiles) text += (text.empty() ? "" : ",") + percentile_text(one);
  return text;
}

}  // namespace echo
