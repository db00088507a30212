#include "client/results/percentiles.h"

#include <fmt/format.h>

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
  return fmt::format("{}", percentile);
}

std::string percentiles_text(const Percentiles& percentiles) {
  return fmt::format("{}", fmt::join(percentiles, ","));
}

}  // namespace echo
