#include "client/load/run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

#include "client/load/generator.h"
#include "client/load/intervals.h"
#include "client/load/job.h"
#include "client/load/progress.h"
#include "client/results/outputs.h"
#include "client/results/report.h"
#include "common/poll.h"
#include "common/standard_output.h"
#include "common/stop_signal.h"

namespace echo::load {
namespace {

using Clock = std::chrono::steady_clock;

// So that every generator knows its plan before the first message is due.
constexpr auto kStartDelay = std::chrono::milliseconds(5);

class Run {
 public:
  explicit Run(const LoadOptions& options)
      : options_(options), outputs_(options), job_(make_job(options)), intervals_(job_.threads) {
    for (std::uint64_t i = 0; i < job_.threads; ++i) {
      generators_.push_back(std::make_unique<Generator>(
          job_, static_cast<unsigned>(i + 1), share(options.connections, i, job_.threads), news_));
    }
    // Only when each has its own descriptors: the connections may take all that are left.
    for (const auto& generator : generators_) generator->connect();
  }

  int run() {
    wait_until([](const Generator& one) { return one.is_ready(); });
    start();
    wait_until([](const Generator& one) { return one.is_finished(); });
    while (collect_intervals()) {
    }
    merge();
    if (result_.counters.connections.made == 0 && !result_.partial) refuse();
    outputs_.finish(result_);
    if (!options_.quiet && options_.json != "-") {
      write_to_standard_output(text_report(result_, options_));
    }
    return exit_status(result_, options_);
  }

 private:
  // Until it is true for all generators; meanwhile stops them when a signal asks for it.
  template <typename Predicate>
  void wait_until(Predicate predicate) {
    bool more = false;
    while (!std::ranges::all_of(generators_, [&](const auto& one) { return predicate(*one); })) {
      std::array<pollfd, 2> entries{{{result_.partial ? -1 : stop_.descriptor(), POLLIN, 0},
                                     {news_.descriptor(), POLLIN, 0}}};
      poll_until(entries, more ? Clock::now() : kNever);
      news_.clear();
      if (entries[0].revents != 0) interrupt();
      more = collect_intervals();
    }
  }

  void interrupt() {
    result_.partial = true;
    stopped_at_ = Clock::now();
    stop_generators();
  }

  void stop_generators() {
    for (const auto& generator : generators_) generator->stop();
  }

  void start() {
    std::uint64_t made = 0;
    for (const auto& generator : generators_) made += generator->made();
    timeline_.start = Clock::now() + kStartDelay;
    timeline_.measured_from = timeline_.start + options_.ramp_up + options_.warmup;
    timeline_.end =
        options_.count != 0 ? SteadyTime::max() : timeline_.measured_from + options_.duration;
    result_.started = std::chrono::system_clock::now() +
                      std::chrono::duration_cast<std::chrono::system_clock::duration>(
                          timeline_.measured_from - Clock::now());
    outputs_.begin(result_.started);
    if (made == 0) stop_generators();
    if (made == 0 || result_.partial) return;
    const Schedule schedule(options_.rate, made, options_.ramp_up, timeline_.start);
    std::uint64_t first = 0;
    for (const auto& generator : generators_) {
      generator->start(timeline_, schedule, first, made);
      first += generator->made();
    }
  }

  // One part of each generator, so that a signal is seen soon even if they measure faster than this
  // collects. False when there is no more for now.
  bool collect_intervals() {
    bool any = false;
    for (std::size_t i = 0; i < generators_.size(); ++i) {
      const bool finished = generators_[i]->is_finished();
      if (auto part = generators_[i]->take_part()) {
        intervals_.add(i, *part);
        generators_[i]->give_back(std::move(part));
        any = true;
      } else if (finished) {
        intervals_.close(i);
      }
    }
    while (auto whole = intervals_.take()) tell(*whole);
    return any;
  }

  void tell(const Intervals::Whole& whole) {
    Interval interval;
    interval.start = static_cast<std::int64_t>(whole.number) * options_.interval;
    interval.length = length_of(interval.start);
    interval.echoed = whole.latency.count();
    interval.errors = whole.errors;
    interval.connections = whole.connections;
    interval.p50 = whole.latency.percentile(50);
    interval.p99 = whole.latency.percentile(99);
    interval.max = whole.latency.max();
    result_.times(Times::latency).add(whole.latency);
    result_.intervals.push_back(interval);
    outputs_.add(interval, whole.latency);
    if (options_.quiet || !(options_.interval_asked || ::isatty(STDERR_FILENO) == 1)) return;
    std::optional<nanoseconds> left;
    if (options_.count == 0) left = options_.duration - interval.start - interval.length;
    fmt::print(stderr, "{}", progress_line(interval, left));
  }

  // The last one lasts until the last answer.
  nanoseconds length_of(nanoseconds start) const {
    const bool all_finished = std::ranges::all_of(
        generators_, [](const auto& generator) { return generator->is_finished(); });
    if (!all_finished) return options_.interval;
    const nanoseconds rest = measured_until() - timeline_.measured_from - start;
    const bool is_last = options_.count != 0 || result_.partial
                             ? rest < options_.interval
                             : start + options_.interval >= options_.duration;
    return is_last ? std::max(rest, nanoseconds::zero()) : options_.interval;
  }

  // REQUIRES: all generators have finished.
  SteadyTime measured_until() const {
    SteadyTime until = timeline_.measured_from;
    if (result_.partial) {
      until = std::max(until, std::min(stopped_at_, timeline_.end));
    } else if (options_.count == 0) {
      until = timeline_.end;
    }
    for (const auto& generator : generators_) {
      until = std::max(until, generator->recorder().last_answer);
    }
    return until;
  }

  void merge() {
    result_.target = options_.address.text();
    result_.asked_rate = options_.rate;
    result_.duration = measured_until() - timeline_.measured_from;
    for (const auto& generator : generators_) {
      generator->join();
      const Recorder& recorder = generator->recorder();
      result_.counters.add(recorder.counters);
      result_.times(Times::service_time).add(recorder.service_time);
      result_.times(Times::connect).add(recorder.connect);
      result_.times(Times::send_lateness).add(recorder.send_lateness);
      for (const Corruption& corruption : recorder.corruptions) {
        if (result_.corruptions.size() < kShownCorruptions) {
          result_.corruptions.push_back(corruption);
        }
      }
    }
    if (!options_.open_loop()) result_.times(Times::service_time) = result_.times(Times::latency);
    for (const Objective& objective : options_.objectives) {
      result_.verdicts.push_back(judge(objective, result_));
    }
  }

  // There is nothing to report but why.
  [[noreturn]] void refuse() {
    for (const auto& generator : generators_) {
      const std::string& tried = generator->recorder().first_refusal;
      if (tried.empty()) continue;
      throw std::runtime_error(
          fmt::format("cannot connect to {}: {}", options_.address.text(), tried));
    }
    throw std::runtime_error(
        fmt::format("{} closed every connection at once", options_.address.text()));
  }

  const LoadOptions& options_;
  StopSignal stop_;
  Outputs outputs_;
  const Job job_;
  WakeEvent news_;
  Intervals intervals_;
  Timeline timeline_;
  SteadyTime stopped_at_;
  Result result_;
  std::vector<std::unique_ptr<Generator>> generators_;
};

}  // namespace

int run(const LoadOptions& options) {
  return Run(options).run();
}

}  // namespace echo::load
