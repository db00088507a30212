#include "client/results/comparison_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <sstream>
#include <string_view>

#include "client/results/text.h"
#include "common/console.h"

namespace echo {
namespace {

constexpr std::size_t kSideColumns = 11;

std::string labelled(std::string_view label, const std::string& text) {
  std::string result = fmt::format("{:<{}}", label, kSideColumns);
  std::size_t column = kSideColumns;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (column > kSideColumns && column + 1 + word.size() > kReportColumns) {
      result += "\n" + std::string(kSideColumns, ' ');
      column = kSideColumns;
    }
    if (column > kSideColumns) result += ' ';
    column += word.size() + (column > kSideColumns ? 1 : 0);
    result += word;
  }
  return result + "\n";
}

std::string with_unit(const Difference& difference, double value) {
  return value_text(difference.unit, value);
}

std::string difference_row(const Difference& one, const Comparison& comparison) {
  return fmt::format("{:<20}{:>9}{:>8}{:>9}{:>8}{:>10}  {}\n", one.name, with_unit(one, one.base),
                     share_text(one.base_spread, false), with_unit(one, one.next),
                     share_text(one.next_spread, false), share_text(one.change, true),
                     judgement_text(one, comparison));
}

std::string runs_text(std::size_t count, const std::string& what) {
  return counted(count, "run") + " of " + printable(what);
}

std::string gate_text(const GateVerdict& gate, const Comparison& comparison) {
  const Difference& difference = gate.difference;
  const std::string change =
      std::isfinite(difference.change)
          ? share_text(difference.change, true)
          : fmt::format("from {} to {}", with_unit(difference, difference.base),
                        with_unit(difference, difference.next));
  std::string noise = "too few runs to tell it from noise";
  if (comparison.has_enough_runs()) {
    noise = difference.beyond_noise ? "beyond noise" : "within noise";
  }
  return fmt::format("{}: {}, {}, {}", gate.threshold.text, gate.failed ? "failed" : "passed",
                     change, noise);
}

// What stands beside the table, each line with its label.
std::vector<std::pair<std::string, std::string>> remarks(const ComparedSides& sides) {
  std::vector<std::pair<std::string, std::string>> lines;
  lines.emplace_back("noise", noise_text(sides.comparison));
  for (const std::string& one : sides.unlike) {
    lines.emplace_back("warning", "unlike settings: " + printable(one));
  }
  for (const std::string& one : sides.warnings) lines.emplace_back("warning", printable(one));
  for (const GateVerdict& gate : sides.comparison.gates) {
    lines.emplace_back("gate", gate_text(gate, sides.comparison));
  }
  return lines;
}

// For a cell of a Markdown table: a bar would end it, a star or an underscore might begin a style.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (std::string_view("\\|*_<>[]`").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

}  // namespace

std::string value_text(const std::string& unit, double value) {
  if (std::isinf(value)) return "failed";
  if (unit == "us") return short_text(std::chrono::nanoseconds(std::llround(value * 1e3)));
  return short_number(value) + (unit == "1/s" ? "/s" : "");
}

std::string share_text(double share, bool has_sign) {
  if (!std::isfinite(share)) return "-";
  if (share == 0) return "0 %";
  if (share >= 100) return ">9999 %";  // more would not fit its column
  const int decimals = std::abs(share) < 10 ? 1 : 0;
  return has_sign ? fmt::format("{:+.{}f} %", 100 * share, decimals)
                  : fmt::format("{:.{}f} %", 100 * share, decimals);
}

std::string judgement_text(const Difference& difference, const Comparison& comparison) {
  if (!comparison.has_enough_runs()) return "too few runs";
  if (!difference.beyond_noise) return "within noise";
  return difference.is_worse ? "worse" : "better";
}

std::string noise_text(const Comparison& comparison) {
  if (comparison.has_enough_runs()) {
    return "beyond it if two sides of the same source would seldom lie this far apart: in at most "
           "5 of 100 comparisons (exact permutation test of ranks, two-sided; the unit is the run)";
  }
  return fmt::format(
      "fewer than {} runs a side cannot show a significant difference: here {} and {}{}",
      kFewestRuns, comparison.base_runs, comparison.next_runs,
      comparison.gates.empty() ? "" : ", so that --fail cannot fail");
}

std::string comparison_table(const ComparedSides& sides) {
  const Comparison& comparison = sides.comparison;
  std::string text = labelled("base", runs_text(comparison.base_runs, sides.base)) +
                     labelled("new", runs_text(comparison.next_runs, sides.next));
  text += fmt::format("\n{:<20}{:>9}{:>8}{:>9}{:>8}{:>10}\n", "median of runs", "base", "spread",
                      "new", "spread", "change");
  for (const Difference& one : comparison.differences) text += difference_row(one, comparison);
  return text;
}

std::string comparison_noise(const Comparison& comparison) {
  return labelled("noise", noise_text(comparison));
}

std::string comparison_text(const ComparedSides& sides) {
  std::string text = comparison_table(sides) + "\n";
  for (const auto& [label, line] : remarks(sides)) text += labelled(label, line);
  return text;
}

std::string comparison_markdown(const ComparedSides& sides) {
  const Comparison& comparison = sides.comparison;
  std::string text =
      fmt::format("Base: {}. New: {}.\n\n", escaped(runs_text(comparison.base_runs, sides.base)),
                  escaped(runs_text(comparison.next_runs, sides.next)));
  text +=
      "| median of runs | base | spread | new | spread | change | |\n"
      "|---|---:|---:|---:|---:|---:|---|\n";
  for (const Difference& one : comparison.differences) {
    const std::string verdict = judgement_text(one, comparison);
    text += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", escaped(one.name),
                        with_unit(one, one.base), share_text(one.base_spread, false),
                        with_unit(one, one.next), share_text(one.next_spread, false),
                        share_text(one.change, true),
                        one.beyond_noise ? "**" + verdict + "**" : verdict);
  }
  text += "\n";
  for (const auto& [label, line] : remarks(sides)) {
    text += fmt::format("- {}: {}\n", label, escaped(line));
  }
  return text;
}

}  // namespace echo
