#include "client/results/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "common/exit_code.h"
#include "common/units.h"

namespace echo::load {
namespace {

// Lateness that the report minds: more than 1 % of the messages later than 1 ms.
constexpr std::chrono::milliseconds kLate{1};
constexpr double kLateShare = 0.01;

std::string size_text(const LoadOptions& options) {
  if (options.smallest == options.largest) return fmt::format("{} bytes", options.smallest);
  return fmt::format("{} to {} bytes", options.smallest, options.largest);
}

std::string headline(const Result& result, const LoadOptions& options) {
  const std::string loop = result.asked_rate != 0 ? fmt::format("open loop, {} messages a second",
                                                                grouped(result.asked_rate))
                                                  : "closed loop, as fast as answers come";
  return fmt::format(
      "echoc load {}: {}, {} of {} each, {}{}\n", result.target, loop,
      options.connections == 1 ? "1 connection" : grouped(options.connections) + " connections",
      size_text(options), short_text(result.duration),
      result.partial ? " (partial: interrupted)" : "");
}

std::string counts(const Result& result) {
  const auto& [asked, made, failed, lost, reconnected, churned] = result.counters.connections;
  const auto& messages = result.counters.messages;
  std::string text = fmt::format(
      "connections  {} asked, {} made, {} failed, {} lost, {} made again", grouped(asked),
      grouped(made), grouped(failed), grouped(lost), grouped(reconnected));
  if (churned > 0) text += fmt::format(", {} replaced as asked", grouped(churned));
  text += fmt::format(
      "\nmessages     {} sent, {} echoed and verified, {} corrupt, {} timed out, {} lost\n",
      grouped(messages.sent), grouped(messages.echoed), grouped(messages.corrupt),
      grouped(messages.timed_out), grouped(messages.lost));
  text += fmt::format("bytes        {} sent, {} received\n", grouped(result.counters.bytes.sent),
                      grouped(result.counters.bytes.received));
  text += fmt::format("rate         {:.1f} messages a second", result.achieved_rate());
  if (result.asked_rate != 0) {
    text += fmt::format(", {:.2f} % of the {} asked",
                        100 * result.achieved_rate() / static_cast<double>(result.asked_rate),
                        grouped(result.asked_rate));
  }
  return text + "\n";
}

std::string errors(const Result& result) {
  std::string text;
  for (std::size_t i = 0; i < kFailures; ++i) {
    const std::uint64_t count = result.counters.failures[i];
    if (count == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "errors       " : ", ", grouped(count),
                        name(static_cast<Failure>(i)));
  }
  return text.empty() ? text : text + "\n";
}

std::string corruptions(const Result& result) {
  std::string text;
  for (const Corruption& one : result.corruptions) {
    if (one.unasked) {
      text += fmt::format(
          "corrupt      connection {}, behind message {}: a byte {:#04x} that was never sent\n",
          one.connection, one.message, one.got);
    } else {
      text += fmt::format(
          "corrupt      connection {}, message {}: byte {} of {} is {:#04x} instead of {:#04x}\n",
          one.connection, one.message, one.offset, one.size, one.got, one.wanted);
    }
  }
  return text;
}

std::string basis(const Result& result) {
  if (result.asked_rate != 0) {
    return "Latency counts from the moment each message was due, however late it left; service "
           "time from\nwhen it left.\n";
  }
  return "Closed loop: each connection waits for its answer before it sends again, so a stall of "
         "the server\nholds back messages that would have seen it, and hides. --rate shows it.\n";
}

std::string warnings(const Result& result) {
  std::string text;
  const auto& counters = result.counters;
  if (counters.connections.made < counters.connections.asked) {
    text += fmt::format("warning: only {} of {} connections stood when the clock started\n",
                        grouped(counters.connections.made), grouped(counters.connections.asked));
  }
  const Histogram& lateness = result.times(Times::send_lateness);
  const auto late = static_cast<double>(lateness.count_above(kLate));
  if (late > kLateShare * static_cast<double>(lateness.count())) {
    text += fmt::format(
        "warning: echoc kept its own time badly: {:.1f} % of the messages left more than {} late; "
        "the\nlatency contains that. Use fewer messages, more --threads or a quieter machine.\n",
        100 * late / static_cast<double>(lateness.count()), duration_text(kLate));
  }
  if (counters.messages.unsent > 0) {
    text += fmt::format(
        "warning: {} messages were due and never left, for want of a free connection; no time "
        "counts them\n",
        grouped(counters.messages.unsent));
  }
  if (counters.messages.timed_out + counters.messages.lost > 0) {
    text += fmt::format("warning: {} messages without an answer are in no time above\n",
                        grouped(counters.messages.timed_out + counters.messages.lost));
  }
  return text;
}

std::string verdicts(const Result& result) {
  std::string text;
  for (const Verdict& verdict : result.verdicts) {
    text += fmt::format("objective    {}: {} ({:.6g})\n", verdict.text,
                        verdict.met ? "met" : "MISSED", verdict.value);
  }
  return text;
}

std::string cell(std::chrono::nanoseconds value) {
  return fmt::format(" {:>8}", short_text(value));
}

// Where an objective says how many errors are tolerable, it alone judges them.
bool errors_are_judged(const LoadOptions& options) {
  return std::ranges::any_of(options.objectives, [](const Objective& one) {
    return one.kind == Objective::Kind::errors || one.kind == Objective::Kind::error_share;
  });
}

}  // namespace

int exit_status(const Result& result, const LoadOptions& options) {
  const Counters& counters = result.counters;
  if (counters.messages.corrupt > 0) return exit_corrupt;
  if (result.partial) return exit_interrupted;
  const bool failed = failures(counters) > 0 || counters.connections.lost > 0;
  if (failed && !errors_are_judged(options)) return exit_failed;
  return std::ranges::all_of(result.verdicts, &Verdict::met) ? exit_ok : exit_objective_missed;
}

std::string short_text(std::chrono::nanoseconds duration) {
  const auto ns = static_cast<double>(duration.count());
  const auto text = [](double value, const char* unit) {
    const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return fmt::format("{:.{}f}{}", value, decimals, unit);
  };
  if (ns < 999'500) return text(ns / 1e3, "us");
  if (ns < 999'500'000) return text(ns / 1e6, "ms");
  return text(ns / 1e9, "s");
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string percentile_text(double percentile) {
  return fmt::format("{}", percentile);
}

std::string times_table(const Result& result, const std::vector<double>& percentiles) {
  std::string text =
      fmt::format("{:<13} {:>11} {:>8} {:>8} {:>8}", "", "count", "min", "mean", "stddev");
  for (const double percentile : percentiles) {
    text += fmt::format(" {:>8}", "p" + percentile_text(percentile));
  }
  text += fmt::format(" {:>8}\n", "max");
  for (std::size_t i = 0; i < result.histograms.size(); ++i) {
    const Histogram& times = result.histograms[i];
    if (times.count() == 0) continue;
    text += fmt::format("{:<13} {:>11}", kTimesNames[i], grouped(times.count()));
    text += cell(times.min()) + cell(std::chrono::nanoseconds(std::llround(times.mean()))) +
            cell(std::chrono::nanoseconds(std::llround(times.stddev())));
    for (const double percentile : percentiles) text += cell(times.percentile(percentile));
    text += cell(times.max()) + "\n";
  }
  return text;
}

std::string text_report(const Result& result, const LoadOptions& options) {
  return headline(result, options) + "\n" + counts(result) + errors(result) + corruptions(result) +
         "\n" + times_table(result, options.percentiles) + "\n" + basis(result) + verdicts(result) +
         warnings(result);
}

}  // namespace echo::load
