#include "client/results/live.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <vector>

#include "client/results/durations.h"
#include "client/results/text.h"
#include "client/results/wall_clock.h"
#include "common/console.h"
#include "common/units.h"

namespace echo {
namespace {

// Several have a line each.
std::string target_text(const LoadPlan& plan) {
  if (!plan.has_several_targets()) return printable(plan.address.text());
  std::string text = fmt::format("{} targets in turn, {} of each", plan.targets.size(),
                                 counted(plan.effective_rounds(), "run"));
  for (const Address& target : plan.targets) text += "\n  " + printable(target.text());
  return text;
}

std::string load_text(const LoadPlan& plan) {
  if (plan.find_rate.wanted()) {
    return "the highest rate that meets its objective, confirmed for " +
           duration_text(plan.duration);
  }
  std::string text = plan.open_loop()
                         ? fmt::format("open loop, {} messages/s", number_text(plan.rate))
                         : "closed loop, as fast as answers come";
  text += plan.count != 0 ? ", " + counted(plan.count, "message")
                          : ", for " + duration_text(plan.duration);
  if (plan.ramp_up.count() > 0) text += ", ramp-up " + duration_text(plan.ramp_up);
  if (plan.warmup.count() > 0) text += ", warm-up " + duration_text(plan.warmup);
  return text;
}

std::string connections_text(const LoadPlan& plan) {
  std::string text = counted(plan.connections, "connection");
  if (plan.messages_per_connection > 0) {
    text += fmt::format(", each for {}", counted(plan.messages_per_connection, "message"));
  }
  return text;
}

std::string message_size(const LoadPlan& plan) {
  std::string text =
      plan.smallest == plan.largest
          ? counted(plan.smallest, "byte")
          : fmt::format("{} to {} bytes", grouped(plan.smallest), grouped(plan.largest));
  text += " per message";
  if (plan.pipeline > 1) text += fmt::format(", {} outstanding", grouped(plan.pipeline));
  return text + fmt::format(", seed {}", plan.seed);
}

// Short, because the line is.
std::string moment_text(double seconds) {
  constexpr double kMinute = 60;
  constexpr double kHour = 60 * kMinute;
  constexpr double kDay = 24 * kHour;
  if (seconds < 1000) return fmt::format("{:5.1f} s", seconds);
  if (seconds < 100 * kMinute) return fmt::format("{:5.1f} min", seconds / kMinute);
  if (seconds < 100 * kHour) return fmt::format("{:5.1f} h", seconds / kHour);
  return fmt::format("{:5.1f} d", seconds / kDay);
}

std::string time_text(const Interval& interval, std::chrono::nanoseconds time) {
  return interval.echoed == 0 ? "-" : short_text(time);
}

std::string tail_text(const Interval& interval, const std::optional<TimeLeft>& left) {
  std::string text = "  connections " + short_count(interval.connections);
  if (interval.errors > 0) text += ", errors " + short_count(interval.errors);
  if (left) text += ", " + left->text();
  return text;
}

// What makes the run one of several; no line if nothing does.
std::string fleet_text(const LoadPlan& plan) {
  std::vector<std::string> parts;
  if (plan.share) parts.push_back("share " + plan.share->text());
  if (!plan.label.empty()) parts.push_back("label " + printable(plan.label));
  if (plan.start_at) parts.push_back("starts at " + rfc3339(*plan.start_at));
  return parts.empty() ? "" : fmt::format("  {}\n", fmt::join(parts, ", "));
}

}  // namespace

std::string TimeLeft::text() const {
  constexpr std::array<const char*, 3> kHow{"", "about ", "at most "};
  return fmt::format("{}{} left", kHow[static_cast<std::size_t>(kind)], span_text(time));
}

std::string run_header(const LoadPlan& plan) {
  return fmt::format("echoc load {}\n  {}\n  {}\n  {}\n{}", target_text(plan), load_text(plan),
                     connections_text(plan), message_size(plan), fleet_text(plan));
}

std::string progress_line(const Interval& interval, const std::optional<TimeLeft>& left) {
  const std::string head =
      fmt::format("{}  {}/s ", moment_text(interval.at_seconds()), short_number(interval.rate()));
  const std::string p50 = " p50 " + time_text(interval, interval.p50);
  const std::string p99 = " p99 " + time_text(interval, interval.p99);
  const std::string max = " max " + time_text(interval, interval.max);
  const std::string tail = tail_text(interval, left);
  const std::array<std::string, 3> choices{p50 + p99 + max, p99 + max, p99};
  for (const std::string& times : choices) {
    const std::string line = head + times + tail;
    if (line.size() <= kReportColumns) return line;
  }
  return head + tail;
}

std::string phase_line(std::string_view phase, const std::optional<TimeLeft>& left) {
  return left ? fmt::format("{}, {}", phase, left->text()) : std::string(phase);
}

}  // namespace echo
