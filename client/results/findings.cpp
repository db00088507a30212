#include "client/results/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "client/results/durations.h"
#include "client/results/pace.h"
#include "client/results/text.h"

namespace echo {
namespace {

using std::chrono::nanoseconds;

constexpr double kMovedShare = 0.1;
constexpr double kMovedMicroseconds = 10;
constexpr std::chrono::microseconds kGenerousSpin{200};  // longer than waking up takes
constexpr double kWaitedShare = 0.01;
constexpr double kAchievedShare = 0.99;

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string too_few_connections(const Result& result) {
  const std::uint64_t made = result.counters.connections.made;
  const std::uint64_t asked = result.plan.connections;
  if (result.times_only || made >= asked) return {};
  return fmt::format("only {} of {} stood when the clock started", grouped(made),
                     counted(asked, "connection"));
}

std::string own_part(const Result& result) {
  const auto moved = moved_percentiles(result);
  if (moved.empty()) return {};
  std::string list;
  for (const auto& [percentile, measured, without] : moved) {
    list += fmt::format("{}p{} would be {} instead of {}", list.empty() ? "" : ", ",
                        percentile_text(percentile), short_text(without), short_text(measured));
  }
  std::string text = "echoc itself was late: without that " + list;
  if (result.generator.longest_pause.count() > 0) {
    text += fmt::format("; its longest pause was {}", short_text(result.generator.longest_pause));
  }
  const LoadPlan& plan = result.plan;
  const bool polls = !plan.spin_adaptive && plan.spin >= kGenerousSpin;
  return text + (polls ? ". A lower rate," : ". --spin 200us, a lower rate,") +
         " more --threads or a quieter machine would help";
}

// In as many slots as messages are due while one of them takes its time, hardly any message waits.
std::string waiting(const Result& result) {
  if (limited_by(result) == LimitedBy::server || !many_waited(result.counters)) return {};
  const LoadPlan& plan = result.plan;
  const auto needed = [&](std::uint64_t per_slot, std::uint64_t now) {
    const double time = seconds(result.histogram(Metric::service_time).percentile(99));
    const double slots = result.asked_rate * time / static_cast<double>(per_slot);
    return std::max(static_cast<std::uint64_t>(std::ceil(slots)), now + 1);
  };
  return fmt::format(
      "{} of the messages waited for a busy connection{}: unless the server is the limit, "
      "--connections {} or --pipeline {} would spare them that",
      percent_text(share(result.counters.messages.waited, result.counters.due())),
      up_to(result.longest_wait), needed(plan.pipeline, plan.connections),
      needed(plan.connections, plan.pipeline));
}

std::string behind(const Result& result) {
  if (!fell_behind(result) || limited_by(result) == LimitedBy::generator) return {};
  return fmt::format(
      "the server or the way to it fell behind: {} answers/s came while {} messages/s were due, so "
      "that a longer run has higher latencies",
      grouped(*result.pace, 1), number_text(result.asked_rate));
}

std::string unsent(const Result& result) {
  const std::uint64_t count = result.counters.messages.unsent;
  if (count == 0) return {};
  const bool was_late = limited_by(result) == LimitedBy::generator;
  return fmt::format("{} due and never sent because {}: among the errors, not in the times",
                     counted(count, "message was", "messages were"),
                     was_late ? "echoc itself was late" : "no connection was free");
}

std::string unanswered(const Result& result) {
  const std::uint64_t count = result.counters.messages.timed_out + result.counters.messages.lost;
  if (count == 0) return {};
  return fmt::format("{} not answered: among the errors, not in the times",
                     counted(count, "message was", "messages were"));
}

// A server that serves fewer at once than it accepts leaves the others without a word.
std::string silent(const Result& result) {
  const std::uint64_t count = result.counters.connections.silent;
  if (count == 0) return {};
  return fmt::format("not one byte came back on {} of {}", grouped(count),
                     counted(result.counters.connections.made, "connection"));
}

std::string corrupt_in_warmup(const Result& result) {
  const std::uint64_t count = result.counters.messages.corrupt_in_warmup;
  if (count == 0) return {};
  return fmt::format("{} wrong before the measuring began, and in no other figure",
                     counted(count, "message came back", "messages came back"));
}

// Of several addresses one that fails is easily overlooked, and costs each connection its timeout.
// Of one address it is why connections are missing.
void add_failed_addresses(std::vector<std::string>& list, const Result& result) {
  if (result.addresses.size() < 2 && result.counters.connections.failed == 0) return;
  for (const UsedAddress& address : result.addresses) {
    if (address.failures == 0) continue;
    list.push_back(fmt::format("{} failed {} ({}) and answered {}", address.address,
                               counted(address.failures, "time"), address.why,
                               counted(address.connections, "time")));
  }
}

}  // namespace

std::string_view name(LimitedBy limit) {
  constexpr std::array<std::string_view, 4> kNames{"rate", "server", "generator", "connections"};
  return kNames[static_cast<std::size_t>(limit)];
}

bool many_waited(const Counters& counters) {
  return share(counters.messages.waited, counters.due()) > kWaitedShare;
}

bool is_moved(double measured, double without_echoc) {
  const double part = std::round((measured - without_echoc) * 1e3) / 1e3;  // whole nanoseconds
  return part > kMovedMicroseconds && part > kMovedShare * measured;
}

// A wrong answer costs its message and its connection, and one that is made again may be lost
// again.
std::string share_of_errors(const Counters& counters) {
  const double errors = failed_share(counters).value_or(1);
  const std::string part = errors > 1 ? "more than all" : percent_text(errors) + " of the";
  return part + " messages due and connections asked for";
}

LimitedBy limited_by(const Result& result) {
  if (!moved_percentiles(result).empty()) return LimitedBy::generator;
  // Where nothing was answered no connection was busy, but down.
  const bool is_answered = result.counters.messages.echoed > 0 || result.times_only;
  if (is_answered && many_waited(result.counters)) return LimitedBy::connections;
  const double asked = kAchievedShare * result.asked_rate;
  const bool achieved = result.achieved_rate() >= asked && !fell_behind(result);
  return result.open_loop() && achieved ? LimitedBy::rate : LimitedBy::server;
}

std::string limit_text(const Result& result) {
  constexpr std::array<const char*, 4> kTexts{
      "the rate asked for, which was achieved", "the server and the way to it",
      "echoc itself, see the warnings", "too few connections, see the warnings"};
  return kTexts[static_cast<std::size_t>(limited_by(result))];
}

std::vector<MovedPercentile> moved_percentiles(const Result& result) {
  const Histogram& with = result.histogram(Metric::latency);
  const Histogram& without = result.latency_without_echoc;
  std::vector<MovedPercentile> moved;
  if (without.count() == 0) return moved;
  for (const double percentile : result.plan.percentiles) {
    const nanoseconds measured = with.percentile(percentile);
    const nanoseconds rest = without.percentile(percentile);
    if (is_moved(microseconds(measured), microseconds(rest))) {
      moved.push_back({percentile, measured, rest});
    }
  }
  return moved;
}

std::vector<std::string> warnings(const Result& result) {
  std::vector<std::string> list = result.remarks;
  if (!result.targets.empty()) return list;  // each target has its own among the remarks
  for (const auto& warning : {too_few_connections, own_part, behind, waiting, unsent, unanswered,
                              silent, corrupt_in_warmup}) {
    if (std::string text = warning(result); !text.empty()) list.push_back(std::move(text));
  }
  add_failed_addresses(list, result);
  return list;
}

nanoseconds rate_time(const Result& result) {
  if (result.together) return result.together->time;
  if (!result.open_loop()) return result.duration;
  const nanoseconds time = std::min(result.scheduled, result.duration);
  const bool is_for_a_time = result.plan.count == 0 && result.generators == 1;
  // Beyond that are only the runs of several rounds.
  const bool is_one_share = seconds(time - result.plan.duration) * result.asked_rate <= 1;
  return is_for_a_time && is_one_share ? std::min(time, result.plan.duration) : time;
}

std::vector<std::string> rate_items(const Result& result) {
  const nanoseconds time = rate_time(result);
  if (time.count() <= 0 && !result.together) return {"-"};
  const std::string over = time.count() > 0 ? "over " + short_text(time) : "added up";
  std::vector<std::string> items{
      fmt::format("{} messages/s {}", grouped(result.achieved_rate(), 1), over)};
  if (result.open_loop()) {
    items.push_back(fmt::format("{} of the {} asked for",
                                percent_text(result.achieved_rate() / result.asked_rate),
                                number_text(result.asked_rate)));
  }
  return items;
}

}  // namespace echo
