#include "client/idle/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <string_view>
#include <vector>

#include "client/idle/advice.h"
#include "client/idle/target.h"
#include "client/results/durations.h"
#include "client/results/text.h"
#include "common/console.h"
#include "common/units.h"

namespace echo::idle {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t kColumns = 78;

// The words in lines that are not too long; all but the first begin with `indent` spaces.
std::string wrapped(std::string_view begin, const std::string& text, std::size_t indent) {
  std::istringstream words(text);
  std::string lines;
  std::string line(begin);
  bool is_empty = true;
  for (std::string word; words >> word; is_empty = false) {
    if (!is_empty && line.size() + 1 + word.size() > kColumns) {
      lines += line + "\n";
      line = std::string(indent, ' ');
      is_empty = true;
    }
    if (!is_empty) line += ' ';
    line += word;
  }
  return lines + line + "\n";
}

std::string after_text(nanoseconds time) {
  const double value = seconds(time);
  return fmt::format("{:.{}f} s", value, value < 9.995 ? 2 : 1);
}

std::string verdict_text(Verdict verdict) {
  std::string text(name(verdict));
  std::ranges::replace(text, '_', ' ');
  return text;
}

std::string remark(const Finding& finding) {
  if (!finding.note.empty()) return printable(finding.note);
  if (finding.verdict == Verdict::no_answer) {
    return finding.acknowledged ? "acknowledged, not echoed" : "nothing was acknowledged";
  }
  if (finding.verdict == Verdict::closed && !finding.died_while_silent()) return "when spoken to";
  const auto segments = finding.segments.value_or(0);
  if (segments == 0) return {};
  return counted(segments, "segment") + " came meanwhile";
}

std::string row(const Finding& finding) {
  const std::string verdict = finding.verdict ? verdict_text(*finding.verdict) : "unknown";
  const std::string after = finding.verdict ? after_text(finding.after) : "-";
  const std::string columns =
      fmt::format("  {:<9} {:<18} {:>9}", gap_text(finding.gap), verdict, after);
  const std::string more = remark(finding);
  return more.empty() ? columns + "\n" : wrapped(columns + "  ", more, columns.size() + 2);
}

std::string block(const Result& result, const TargetResult& target) {
  std::string text = fmt::format("\n{}\n", target.target);
  const std::string failure = target.common_failure();
  if (!failure.empty()) return text + wrapped("  ", "no silence was tried: " + failure, 2);
  text += fmt::format("  {:<9} {:<18} {:>9}\n", "silence", "verdict", "after");
  for (const Finding& finding : target.findings) text += row(finding);
  for (const std::string& paragraph : advice(result.options, target)) {
    text += "\n" + wrapped("  ", paragraph, 2);
  }
  return text;
}

std::string bound_text(const std::optional<nanoseconds>& bound) {
  return bound ? gap_text(*bound) : "-";
}

std::string side_by_side(const Result& result) {
  std::size_t width = 6;
  for (const TargetResult& target : result.targets) width = std::max(width, target.target.size());
  width = std::min(width, kColumns - 24);
  std::string text = fmt::format("\n{:<{}}  {:>10}  {:>10}\n", "", width, "survives", "dies");
  for (const TargetResult& target : result.targets) {
    const Bounds bounds = bounds_of(target.findings);
    // The end of an address tells more than its beginning.
    const std::string shown =
        target.target.substr(target.target.size() - std::min(width, target.target.size()));
    text += fmt::format("{:<{}}  {:>10}  {:>10}\n", shown, width, bound_text(bounds.alive),
                        bound_text(bounds.dead));
  }
  return text;
}

std::string required_text(const Result& result) {
  if (!result.options.require || !result.is_measured()) return {};
  std::string text = "\n";
  for (const TargetResult& target : result.targets) {
    const std::optional<bool> survives = target.survives(*result.options.require);
    const char* const how = !survives   ? "is not known"
                            : *survives ? "survives"
                                        : "does not survive";
    text += wrapped("required: ",
                    fmt::format("a silence of {} {} ({})", gap_text(*result.options.require), how,
                                target.target),
                    10);
  }
  return text;
}

std::string plan_text(const Options& options) {
  if (options.bisect) {
    return fmt::format("searches between {} and {}, to within {}, {} gaps at once",
                       duration_text(options.from), duration_text(options.to),
                       duration_text(options.precision), Search::kAtOnce);
  }
  const auto gaps = asked_gaps(options);
  std::vector<std::string> texts;
  for (const nanoseconds gap : gaps) texts.push_back(duration_text(gap));
  return fmt::format("silent for {}, all at once; ends in about {}", fmt::join(texts, ", "),
                     span_text(gaps.back()));
}

}  // namespace

std::string header_text(const Options& options) {
  std::vector<std::string> names;
  for (const Address& address : options.addresses) names.push_back(printable(address.text()));
  const std::string keepalive =
      options.keepalive.count() == 0
          ? "keepalive off on this side"
          : "keepalive every " + duration_text(options.keepalive) + " on this side";
  return wrapped("echoc idle ", fmt::format("{}", fmt::join(names, " ")), 2) +
         wrapped("  ", plan_text(options), 2) + "  " + keepalive + "\n";
}

std::string report_text(const Result& result) {
  std::string text;
  for (const TargetResult& target : result.targets) text += block(result, target);
  if (result.targets.size() > 1) text += side_by_side(result);
  text += required_text(result);
  for (const std::string& line : warnings(result)) text += "\n" + wrapped("warning: ", line, 9);
  if (result.partial) text += "\nInterrupted: what is not finished is unknown.\n";
  return text;
}

}  // namespace echo::idle
