#include "client/load/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <memory>
#include <utility>
#include <vector>

#include "client/load/generator.h"
#include "client/load/interval_merger.h"
#include "client/load/interval_reporter.h"
#include "client/load/make_job.h"
#include "client/load/run_result.h"
#include "client/load/signs_of_life.h"
#include "client/load/start_time.h"
#include "client/results/pace.h"
#include "common/console.h"
#include "common/poll.h"

namespace echo::load {
namespace {

using Clock = std::chrono::steady_clock;
using Stage = Mailbox::Stage;

// So that every generator knows its plan before the first message is due.
constexpr auto kStartDelay = std::chrono::milliseconds(5);

// A run of `echoc load` as the main thread sees it: start, intervals, signals, result.
class Run {
 public:
  Run(const LoadPlan& plan, const RunSetting& setting)
      : plan_(plan),
        setting_(setting),
        stop_(setting.stop),
        job_(make_job(plan, setting.endpoints)),
        reporter_(plan, result_, setting.sink),
        signs_(plan, Clock::now() + time_until(plan.start_at)),
        merger_(job_.threads) {}

  Outcome run() {
    if (reporter_.is_live() && !setting_.title.empty()) reporter_.show(setting_.title);
    if (plan_.start_at && !wait_until(*plan_.start_at, stop_.descriptor())) {
      return {interrupted_before(plan_), true};
    }
    connect();
    wait_for(Stage::ready);
    start();
    wait_for(Stage::finished);
    while (collect_intervals()) {
    }
    complete_result();
    if (result_.counters.connections.made == 0 && !result_.partial) {
      result_.error = refusal(generators_, plan_);
    }
    return {std::move(result_), stopped_};
  }

 private:
  void connect() {
    std::uint64_t first = 0;
    for (std::uint64_t i = 0; i < job_.threads; ++i) {
      const std::uint64_t count = share(plan_.connections, i, job_.threads);
      generators_.push_back(
          std::make_unique<Generator>(job_, static_cast<unsigned>(i + 1), count, first, news_));
      first += count;
    }
  }

  bool have_reached(Stage stage) const {
    return std::ranges::all_of(generators_, [&](const auto& one) { return one->stage() >= stage; });
  }

  // Until all generators are there; meanwhile does what has to be done.
  void wait_for(Stage stage) {
    bool more = false;
    while (!have_reached(stage)) {
      std::array<pollfd, 3> entries{{{stop_.descriptor(), POLLIN, 0},
                                     {news_.descriptor(), POLLIN, 0},
                                     {setting_.resolver.descriptor(), POLLIN, 0}}};
      poll_until(entries, more ? Clock::now() : next_sign());
      news_.clear();
      if (entries[0].revents != 0) interrupt();
      if (entries[2].revents != 0) send_addresses();
      resolve_again();
      end_if_one_failed();
      more = collect_intervals();
      show_sign();
    }
  }

  // Once all is measured only the end of the connections is awaited, and not for long.
  SteadyTime next_sign() const {
    return reporter_.is_live() && !have_reached(Stage::measured) ? signs_.next() : kNever;
  }

  void show_sign() {
    if (next_sign() == kNever) return;
    if (const auto line = signs_.take(Clock::now())) reporter_.show(*line);
  }

  // The first signal stops the run, another one the waiting for the last answers. While only the
  // end of the connections is awaited everything is measured, and nothing is partial.
  void interrupt() {
    if (!stop_.take()) return;
    stopped_ = true;
    const bool is_first = !result_.partial && !have_reached(Stage::measured);
    if (is_first) result_.partial = true;
    stop_generators(is_first ? Mailbox::Stop::soon : Mailbox::Stop::now);
  }

  void stop_generators(Mailbox::Stop how) {
    for (const auto& generator : generators_) generator->mailbox().stop(how);
  }

  // What the others would still measure is lost.
  void end_if_one_failed() {
    const bool one_failed =
        std::ranges::any_of(generators_, [](const auto& one) { return one->has_failed(); });
    if (one_failed) stop_generators(Mailbox::Stop::now);
  }

  void resolve_again() {
    bool wanted = false;
    for (const auto& generator : generators_) {
      wanted = generator->mailbox().wants_addresses() || wanted;
    }
    if (wanted) setting_.resolver.ask(Clock::now());
  }

  void send_addresses() {
    const auto answer = setting_.resolver.take();
    if (!answer) return;
    for (const auto& generator : generators_) {
      generator->mailbox().send_addresses(answer->endpoints);
    }
  }

  void start() {
    std::uint64_t made = 0;
    for (const auto& generator : generators_) made += generator->made();
    timeline_.start = Clock::now() + kStartDelay;
    timeline_.measured_from = timeline_.start + plan_.ramp_up + plan_.warmup;
    timeline_.end = plan_.count != 0 ? kNever : timeline_.measured_from + plan_.duration;
    signs_.begin(timeline_);
    result_.started = std::chrono::system_clock::now() +
                      std::chrono::duration_cast<std::chrono::system_clock::duration>(
                          timeline_.measured_from - Clock::now());
    setting_.sink.begin(result_.started);
    if (made == 0) stop_generators(Mailbox::Stop::now);
    if (made == 0 || result_.partial) return;
    const Share part = plan_.share.value_or(Share());
    const SteadyTime first = timeline_.start + stagger(plan_.rate, part.part - 1, part.parts);
    Start start{timeline_, Schedule(plan_.rate, made, plan_.ramp_up, first), 0};
    for (const auto& generator : generators_) {
      generator->mailbox().start(start);
      start.first += generator->made();
    }
  }

  // One interval of each generator, so that a signal is seen soon even if they measure faster than
  // this collects. False when there is no more for now.
  bool collect_intervals() {
    bool any = false;
    for (std::size_t i = 0; i < generators_.size(); ++i) {
      const bool has_finished = generators_[i]->stage() == Stage::finished;
      if (auto interval = generators_[i]->intervals().take()) {
        merger_.add(i, *interval);
        generators_[i]->intervals().give_back(std::move(interval));
        any = true;
      } else if (has_finished) {
        merger_.close(i);
      }
    }
    while (auto merged = merger_.take()) reporter_.report(*merged);
    return any;
  }

  void complete_result() {
    add_generators(result_, generators_, timeline_);
    for (const auto& generator : generators_) {
      reporter_.add_late_unsent(generator->loop().measured().late_unsent);
    }
    describe_plan(result_, plan_);
    result_.plan.spin = job_.spin;
    const bool is_whole = plan_.count == 0 && !result_.partial && result_.error.empty();
    if (plan_.open_loop() && is_whole) result_.pace = lasting_pace(result_);
  }

  const LoadPlan& plan_;
  const RunSetting& setting_;
  Signals& stop_;
  const Job job_;
  Result result_;
  bool stopped_ = false;
  IntervalReporter reporter_;
  SignsOfLife signs_;
  IntervalMerger merger_;
  WakeEvent news_;
  Timeline timeline_;
  Generators generators_;
};

}  // namespace

Outcome measure(const LoadPlan& plan, const RunSetting& setting) {
  return Run(plan, setting).run();
}

}  // namespace echo::load
