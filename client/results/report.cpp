#include "client/results/report.h"

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <iterator>
#include <sstream>
#include <string_view>
#include <vector>

#include "client/results/durations.h"
#include "client/results/find_rate_report.h"
#include "client/results/findings.h"
#include "client/results/picture.h"
#include "client/results/retransmissions.h"
#include "client/results/targets_report.h"
#include "client/results/text.h"
#include "common/console.h"

namespace echo {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t kLabelColumns = 13;

using Pieces = std::vector<std::string>;

// The pieces in lines that are not too long, behind a label that stands in the first of them.
std::string lines(std::string_view label, const Pieces& pieces, std::string_view separator) {
  const std::string indent = "\n" + std::string(label.empty() ? 0 : kLabelColumns, ' ');
  std::string text = fmt::format("{:<{}}", label, indent.size() - 1);
  std::size_t line = 0;  // where it begins
  for (const std::string& piece : pieces) {
    if (&piece != &pieces.front()) {
      // A comma may follow.
      const bool fits = text.size() - line + separator.size() + piece.size() < kReportColumns;
      text += fits ? separator : separator.substr(0, separator.size() - 1);
      if (!fits) {
        line = text.size() + 1;
        text += indent;
      }
    }
    text += piece;
  }
  return text + "\n";
}

// A list whose items are not torn apart.
std::string list(std::string_view label, const Pieces& items) {
  return lines(label, items, ", ");
}

std::string paragraph(std::string_view label, const std::string& text) {
  std::istringstream words(text);
  return lines(label, Pieces(std::istream_iterator<std::string>(words), {}), " ");
}

std::string heading(const Result& result) {
  std::string text;
  if (result.times_only) text += "times only: .hlog files do not know what failed\n";
  if (result.generators > 1 && !result.times_only) {
    text += paragraph("merged",
                      fmt::format("{} results of {}", result.generators, printable(result.target)));
    if (!result.plan.label.empty()) text += paragraph("label", printable(result.plan.label));
  }
  if (result.partial) text += "PARTIAL: interrupted before the work was done\n";
  if (result.plan.socket.any() && result.socket) {
    text += paragraph("socket", to_text(*result.socket));
  }
  return text;
}

std::string throughput(const Result& result) {
  if (result.duration.count() <= 0) return list("throughput", {"-"});
  const auto text = [&](std::uint64_t bytes) {
    return throughput_text(static_cast<double>(bytes) / seconds(result.duration));
  };
  const std::string sent = text(result.counters.bytes.sent);
  const std::string received = text(result.counters.bytes.received);
  if (sent == received) return list("throughput", {sent + " each way"});
  return list("throughput", {sent + " sent", received + " received"});
}

std::string connections(const Result& result) {
  const auto& counts = result.counters.connections;
  Pieces items{grouped(counts.asked) + " asked", grouped(counts.made) + " made",
               grouped(counts.failed) + " failed", grouped(counts.lost) + " lost",
               grouped(counts.reconnected) + " reconnected"};
  if (counts.churned > 0) items.push_back(grouped(counts.churned) + " replaced as asked");
  return list("connections", items);
}

std::string messages(const Result& result) {
  const auto& messages = result.counters.messages;
  Pieces items{
      grouped(messages.sent) + " sent",       grouped(messages.echoed) + " echoed and verified",
      grouped(messages.corrupt) + " corrupt", grouped(messages.timed_out) + " timed out",
      grouped(messages.lost) + " lost",       grouped(messages.unsent) + " unsent"};
  const std::string longest = up_to(result.longest_wait);
  if (messages.waited > 0)
    items.push_back(grouped(messages.waited) + " waited for a connection" + longest);
  if (messages.in_flight > 0) {
    items.push_back(grouped(messages.in_flight) + " unanswered at the interruption");
  }
  return list("messages", items);
}

std::string bytes(const Result& result) {
  return list("bytes", {grouped(result.counters.bytes.sent) + " sent",
                        grouped(result.counters.bytes.received) + " received"});
}

// Their number, and the causes, of which one can have cost several messages.
std::string errors(const Result& result, TextStyle style) {
  const std::uint64_t total = failures(result.counters);
  std::string text = "none";
  if (total > 0) {
    text = fmt::format("{}, {}", grouped(total), share_of_errors(result.counters));
  }
  text = paragraph("errors", text);
  Pieces causes;
  for (std::size_t i = 0; i < kFailures; ++i) {
    const std::uint64_t count = result.counters.failures[i];
    if (count == 0) continue;
    causes.push_back(fmt::format("{} {}", grouped(count), name(static_cast<Failure>(i))));
  }
  if (!causes.empty()) text += list("  by cause", causes);
  return total > 0 ? painted(text, Colour::red, style) : text;
}

std::string corruptions(const Result& result) {
  std::string text;
  for (const Corruption& one : result.corruptions) {
    text += paragraph(
        "corrupt",
        one.unexpected
            ? fmt::format("connection {}, behind message {}: a byte {:#04x} that was never sent",
                          one.connection, one.message, one.got)
            : fmt::format("connection {}, message {}: byte {} of {} is {:#04x} instead of {:#04x}",
                          one.connection, one.message, one.offset, one.size, one.got, one.wanted));
  }
  return text;
}

std::string basis(const Result& result) {
  if (result.open_loop()) {
    return paragraph("",
                     "Latency counts from the moment each message was due, however late it left; "
                     "service time from when it left.");
  }
  return paragraph("",
                   "Closed loop: each connection waits for its answer before it sends again, so a "
                   "stall of the server holds back messages that would have seen it, and hides. "
                   "--rate shows it.");
}

std::string generator(const Result& result) {
  const GeneratorUse& use = result.generator;
  if (use.threads == 0) return {};
  return list("generator",
              {counted(use.threads, "thread"), short_text(use.cpu) + " of processor time",
               "longest pause " + short_text(use.longest_pause)});
}

std::string network(const Result& result) {
  const std::string line = retransmission_line(result);
  return line.empty() ? line : paragraph("network", line);
}

std::string warning_lines(const Result& result, TextStyle style) {
  std::string text;
  for (const std::string& warning : warnings(result))
    text += painted(paragraph("warning", printable(warning)), Colour::yellow, style);
  return text;
}

std::string objectives(const Result& result, TextStyle style) {
  std::string text;
  for (const Verdict& verdict : result.verdicts) {
    const std::string mark = !style.utf8 ? "" : verdict.met ? "✓" : "✗";
    text += painted(paragraph("objective  " + mark, verdict.line()),
                    verdict.met ? Colour::green : Colour::red, style);
  }
  return text;
}

// A row of the table; a histogram without values has no times.
std::string times_row(const std::string& label, const Result& result,
                      const std::vector<Metric>& metrics,
                      const std::function<std::string(const Histogram&)>& cell) {
  std::string text = fmt::format("{:<{}}", label, kLabelColumns);
  for (const Metric metric : metrics) text += fmt::format("{:>15}", cell(result.histogram(metric)));
  return text + "\n";
}

}  // namespace

std::string times_table(const Result& result, const Percentiles& percentiles) {
  std::vector<Metric> metrics;
  std::string text(kLabelColumns, ' ');
  for (const Metric metric : kMetrics) {
    if (metric != Metric::latency && result.histogram(metric).count() == 0) continue;
    metrics.push_back(metric);
    text += fmt::format("{:>15}", name(metric));
  }
  text += "\n" +
          times_row("count", result, metrics, [](auto& times) { return grouped(times.count()); });
  const auto add = [&](const std::string& label, auto value) {
    text += times_row(label, result, metrics, [&](const Histogram& times) {
      return times.count() == 0 ? "-" : short_text(value(times));
    });
  };
  add("min", [](auto& times) { return times.min(); });
  add("mean", [](auto& times) { return nanoseconds(std::llround(times.mean())); });
  add("stddev", [](auto& times) { return nanoseconds(std::llround(times.stddev())); });
  for (const double percentile : percentiles) {
    add("p" + percentile_text(percentile),
        [&](auto& times) { return times.percentile(percentile); });
  }
  add("max", [](auto& times) { return times.max(); });
  return text;
}

std::string text_report(const Result& result, TextStyle style) {
  std::string text = heading(result);
  if (result.found_rate) text += find_rate_report(*result.found_rate);
  if (!result.targets.empty()) {
    const std::string remarks = warning_lines(result, style) + objectives(result, style);
    return text + targets_report(result) + (remarks.empty() ? "" : "\n" + remarks);
  }
  if (!result.times_only) {
    text += list("rate", rate_items(result)) + throughput(result) + connections(result) +
            messages(result) + bytes(result) + errors(result, style) +
            painted(corruptions(result), Colour::red, style);
  }
  text += "\n" + times_table(result, result.plan.percentiles) + "\n";
  if (!result.plan.no_picture) {
    text += latency_picture(result.histogram(Metric::latency), style.utf8, kReportColumns);
  }
  if (!result.times_only) {
    text += basis(result) + "\n" + paragraph("limited by", limit_text(result)) + generator(result);
  }
  return text + network(result) + warning_lines(result, style) + objectives(result, style);
}

}  // namespace echo
