#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "client/results/histogram.h"

namespace echo {

// A histogram as rows of bars. Pure, any thread.

// The values above `from`, up to and including `to`; the first row holds those equal to `from` too.
struct PictureRow {
  std::chrono::nanoseconds from{0};
  std::chrono::nanoseconds to{0};
  std::uint64_t count = 0;
};

inline constexpr std::size_t kPictureRows = 10;

// At most kPictureRows rows from the minimum to the maximum, each as many times as wide as the one
// before it, so that the values of a long tail are seen beside those of a narrow peak. The edges
// are values of three digits, as the report prints them; rows that would print the same edges are
// one. The counts add up to the histogram's. Nothing of a histogram without values.
std::vector<PictureRow> picture_rows(const Histogram& times);

// Lines of at most `columns` columns: range, bar, count and share. A row that has a value has a
// bar. Empty without values.
std::string picture_text(const std::vector<PictureRow>& rows, bool utf8, std::size_t columns);

// The two under a heading, and an empty line behind them.
std::string latency_picture(const Histogram& latency, bool utf8, std::size_t columns);

}  // namespace echo
