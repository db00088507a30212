#include "client/load/interval_reporter.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>

#include "client/results/durations.h"

namespace echo::load {

bool shows_live_lines(const LoadPlan& plan) {
  return !plan.quiet && (plan.interval_asked || ::isatty(STDERR_FILENO) == 1);
}

void show_live_line(const std::string& line) {
  const std::string text = line + "\n";
  pollfd entry{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&entry, 1, 0) <= 0 || (entry.revents & POLLOUT) == 0) return;
  [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, text.data(), text.size());
}

IntervalReporter::IntervalReporter(const LoadPlan& plan, Result& result, IntervalSink& sink)
    : plan_(plan), result_(result), sink_(sink), is_live_(shows_live_lines(plan)) {}

void IntervalReporter::report(const MergedInterval& merged) {
  const std::uint64_t intervals = merged.last - merged.first + 1;
  Interval interval;
  interval.start = static_cast<std::int64_t>(merged.first) * plan_.interval;
  interval.length = merged.is_final ? std::max(merged.end - interval.start, nanoseconds::zero())
                                    : static_cast<std::int64_t>(intervals) * plan_.interval;
  interval.echoed = merged.latency.count();
  interval.errors = merged.errors;
  interval.unsent = merged.unsent;
  interval.connections = merged.connections;
  interval.retransmissions = merged.retransmissions;
  interval.p50 = merged.latency.percentile(50);
  interval.p99 = merged.latency.percentile(99);
  interval.max = merged.latency.max();
  interval.lateness = merged.lateness;
  result_.histogram(Metric::latency).add(merged.latency);
  result_.intervals.push_back(interval);
  sink_.add(interval, merged.latency);
  done_ += merged.latency.count() + merged.errors - merged.failed_connections;
  if (is_live_) show(progress_line(interval, time_left(interval)));
}

// Of a count the schedule tells, or how fast it went so far.
std::optional<TimeLeft> IntervalReporter::time_left(const Interval& interval) const {
  const nanoseconds passed = interval.start + interval.length;
  if (plan_.count == 0) return TimeLeft(plan_.duration - passed);
  const auto count = static_cast<double>(plan_.count);
  if (plan_.open_loop()) return TimeLeft(from_seconds(count / plan_.rate) - passed);
  if (done_ == 0 || done_ >= plan_.count) return std::nullopt;
  const auto done = static_cast<double>(done_);
  return TimeLeft(from_seconds(seconds(passed) * (count - done) / done), TimeLeft::Kind::about);
}

void IntervalReporter::add_late_unsent(const std::vector<std::uint64_t>& by_interval) {
  for (std::size_t number = 0; number < by_interval.size(); ++number) {
    if (by_interval[number] == 0 || result_.intervals.empty()) continue;
    const nanoseconds due = static_cast<std::int64_t>(number) * plan_.interval;
    auto after = std::ranges::upper_bound(result_.intervals, due, {}, &Interval::start);
    if (after != result_.intervals.begin()) --after;
    after->unsent += by_interval[number];
    after->errors += by_interval[number];
  }
}

}  // namespace echo::load
