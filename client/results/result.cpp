#include "client/results/result.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <stdexcept>

#include "client/results/durations.h"
#include "common/allowed_cpus.h"

namespace echo {

std::string_view name(Failure failure) {
  constexpr std::array<std::string_view, kFailures> kNames{
      "refused", "connect_timeout", "peer_closed", "peer_reset",
      "timeout", "no_resources",    "other"};
  return kNames[static_cast<std::size_t>(failure)];
}

void add_address(std::vector<UsedAddress>& all, const UsedAddress& next) {
  const auto same = std::ranges::find(all, next.address, &UsedAddress::address);
  if (same == all.end()) return all.push_back(next);
  same->connections += next.connections;
  same->failures += next.failures;
  if (!next.why.empty()) same->why = next.why;
}

Failure failure_of(int error) {
  switch (error) {
    case ECONNREFUSED:
    case ENOENT:  // no such unix socket
      return Failure::refused;
    case ETIMEDOUT:
      return Failure::connect_timeout;
    case ECONNRESET:
    case EPIPE:
      return Failure::peer_reset;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EADDRNOTAVAIL:  // connect(2): all ephemeral ports are in use
    case EAGAIN:         // connect(2): the same, or no room for another route
      return Failure::no_resources;
    default:
      return Failure::other;
  }
}

void Counters::add(const Counters& other) {
  std::vector<std::uint64_t> more(other.failures.begin(), other.failures.end());
  for_each_counter(other, [&](auto, auto, std::uint64_t count) { more.push_back(count); });
  auto next = more.begin();
  const auto add = [&](std::uint64_t& count) {
    if (__builtin_add_overflow(count, *next++, &count)) {
      throw std::overflow_error("more messages or connections than can be counted");
    }
  };
  for (std::uint64_t& count : failures) add(count);
  for_each_counter(*this, [&](auto, auto, std::uint64_t& count) { add(count); });
}

std::uint64_t failures(const Counters& counters) {
  return counters.unanswered() + counters.connections.failed + counters.connections.lost;
}

std::optional<double> failed_share(const Counters& counters) {
  const std::uint64_t tried = counters.due() + counters.connections.asked;
  if (tried == 0) return std::nullopt;
  return static_cast<double>(failures(counters)) / static_cast<double>(tried);
}

System System::current() {
  System system;
  utsname name{};
  if (::uname(&name) == 0) {
    system.kernel = fmt::format("{} {} {}", name.sysname, name.release, name.machine);
  }
  system.cpus = allowed_cpus();
  return system;
}

double Interval::at_seconds() const {
  return seconds(start + length);
}

double Interval::rate() const {
  return length.count() == 0 ? 0 : static_cast<double>(echoed) / seconds(length);
}

double Result::achieved_rate() const {
  if (together) return together->achieved_rate;
  const std::chrono::nanoseconds time = open_loop() ? scheduled : duration;
  if (time.count() <= 0) return 0;
  const double rate = static_cast<double>(counters.messages.echoed) / seconds(time);
  // A schedule is rounded to nanoseconds, and a rate that was kept must not miss by that.
  const double rounding = rate / static_cast<double>(time.count());
  return open_loop() && std::abs(rate - asked_rate) <= rounding ? asked_rate : rate;
}

// A last interval that was cut short says little about the rate, and neither does the time in which
// answers are still awaited but no message is due any more.
std::optional<double> Result::lowest_interval_rate() const {
  const bool has_schedule = open_loop() && !together && scheduled.count() > 0;
  std::optional<double> lowest;
  for (Interval interval : intervals) {
    if (has_schedule) {
      interval.length = std::min(interval.length, scheduled - interval.start);
    }
    // The first one may stand for several, while echoc was held up.
    if (interval.length < std::min(plan.interval, intervals.front().length)) continue;
    lowest = std::min(lowest.value_or(interval.rate()), interval.rate());
  }
  return lowest;
}

bool Result::nothing_happened() const {
  return !times_only && counters.due() == 0 && counters.messages.corrupt == 0;
}

}  // namespace echo
