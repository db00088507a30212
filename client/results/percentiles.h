#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace echo {

// The percentiles to report, from 0 to 100.
using Percentiles = std::vector<double>;

inline Percentiles default_percentiles() {
  return {50, 90, 99, 99.9, 99.99};
}

// "50", "99.9". Throws std::invalid_argument whose message quotes the text and says what would be
// right.
double parse_percentile(std::string_view text);

// A text that parse_percentile reads back: "99.9" for 99.9, "50" for 50.
std::string percentile_text(double percentile);

// "50,90,99,99.9,99.99".
std::string percentiles_text(const Percentiles& percentiles);

}  // namespace echo
