#include "client/results/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "client/results/text.h"

namespace echo {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t kShortestBar = 10;

// Between two values that short_text() tells apart.
std::int64_t step_at(std::int64_t ns) {
  std::int64_t step = 10;
  while (ns >= 1000 * step) step *= 10;
  return step;
}

std::int64_t rounded_down(std::int64_t ns) {
  return ns - ns % step_at(ns);
}

std::int64_t rounded_up(std::int64_t ns) {
  const std::int64_t step = step_at(ns);
  return (ns + step - 1) / step * step;
}

// The ends of the rows, ascending.
std::vector<std::int64_t> edges_of(const Histogram& times) {
  const std::int64_t lowest = rounded_down(times.min().count());
  const std::int64_t highest = rounded_up(times.max().count());
  const auto first = static_cast<double>(std::max<std::int64_t>(lowest, 1));
  const double ratio = static_cast<double>(highest) / first;
  std::vector<std::int64_t> edges{lowest};
  for (std::size_t i = 1; i < kPictureRows; ++i) {
    const double part = static_cast<double>(i) / static_cast<double>(kPictureRows);
    const std::int64_t edge = rounded_down(std::llround(first * std::pow(ratio, part)));
    if (edge > edges.back() && edge < highest) edges.push_back(edge);
  }
  edges.push_back(highest);
  return edges;
}

// In eighths of a column, and never nothing of something.
std::string utf8_bar(double length) {
  constexpr std::array<std::string_view, 8> kParts{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto eighths = static_cast<std::size_t>(std::max(std::llround(8 * length), 1LL));
  std::string bar;
  for (std::size_t i = 0; i < eighths / 8; ++i) bar += "█";
  return bar.append(kParts[eighths % 8]);
}

std::string ascii_bar(double length) {
  return std::string(static_cast<std::size_t>(std::max(std::llround(length), 1LL)), '#');
}

std::string range_text(const PictureRow& row) {
  if (row.from == row.to) return fmt::format("{:>17}", short_text(row.to));
  return fmt::format("{:>7} - {:>7}", short_text(row.from), short_text(row.to));
}

std::size_t longest(const std::vector<std::string>& texts) {
  std::size_t longest = 0;
  for (const std::string& text : texts) longest = std::max(longest, text.size());
  return longest;
}

}  // namespace

std::vector<PictureRow> picture_rows(const Histogram& times) {
  if (times.count() == 0) return {};
  const std::vector<std::int64_t> edges = edges_of(times);
  std::vector<PictureRow> rows;
  std::uint64_t before = 0;
  for (std::size_t i = 1; i < edges.size(); ++i) {
    const nanoseconds to(edges[i]);
    const bool is_last = i + 1 == edges.size();
    const std::uint64_t up_to = times.count() - (is_last ? 0 : times.count_above(to));
    rows.push_back({nanoseconds(edges[i - 1]), to, up_to - before});
    before = up_to;
  }
  return rows;
}

std::string picture_text(const std::vector<PictureRow>& rows, bool utf8, std::size_t columns) {
  std::uint64_t total = 0;
  std::uint64_t most = 0;
  for (const PictureRow& row : rows) {
    total += row.count;
    most = std::max(most, row.count);
  }
  std::vector<std::string> counts;
  std::vector<std::string> shares;
  for (const PictureRow& row : rows) {
    counts.push_back(grouped(row.count));
    shares.push_back(percent_text(static_cast<double>(row.count) / static_cast<double>(total)));
  }
  const std::size_t taken = 17 + 2 + 2 + longest(counts) + 2 + longest(shares);
  const std::size_t width = std::max(columns - std::min(taken, columns), kShortestBar);
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string bar;
    if (rows[i].count > 0) {
      const double length = static_cast<double>(width) * static_cast<double>(rows[i].count) /
                            static_cast<double>(most);
      bar = utf8 ? utf8_bar(length) : ascii_bar(length);
    }
    text += fmt::format("{}  {:<{}}  {:>{}}  {:>{}}\n", range_text(rows[i]), bar, width, counts[i],
                        longest(counts), shares[i], longest(shares));
  }
  return text;
}

std::string latency_picture(const Histogram& latency, bool utf8, std::size_t columns) {
  if (latency.count() == 0) return {};
  return "Latency of the answered messages:\n" +
         picture_text(picture_rows(latency), utf8, columns) + "\n";
}

}  // namespace echo
