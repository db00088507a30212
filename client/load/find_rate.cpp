#include "client/load/find_rate.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "client/load/interval_reporter.h"
#include "client/load/load_server.h"
#include "client/load/rate_search.h"
#include "client/load/recovery.h"
#include "client/load/run.h"
#include "client/load/run_result.h"
#include "client/results/find_rate_report.h"
#include "client/results/kept_intervals.h"
#include "client/results/rate_trial.h"
#include "client/results/text.h"
#include "common/poll.h"

namespace echo::load {
namespace {

using Clock = std::chrono::steady_clock;
using Kind = RateSearch::Kind;
using namespace std::chrono_literals;

constexpr nanoseconds kShortestTrial = 1s;
constexpr int kTrialsPerRun = 10;  // in the time of the confirming run

// How long the server has to get over a trial that was too much for it, and how often it is asked.
constexpr std::chrono::seconds kRecovery{10};
constexpr nanoseconds kBetweenProbes = 250ms;

// Runs at one rate in which no connection could be made, although the server answers in between.
constexpr int kMostEmpty = 3;

struct Measurement {
  Result result;
  KeptIntervals intervals;
};

// No two runs send the same bytes, so that an answer to another one is found wrong.
LoadPlan trial_plan(const LoadPlan& plan, double rate, std::uint64_t number) {
  LoadPlan trial = plan;
  trial.rate = rate;
  trial.duration = std::max(plan.duration / kTrialsPerRun, kShortestTrial);
  trial.ramp_up /= kTrialsPerRun;
  trial.warmup /= kTrialsPerRun;
  trial.seed += number;
  trial.quiet = true;
  return trial;
}

bool came_back_wrong(const Result& result) {
  return result.counters.messages.corrupt + result.counters.messages.corrupt_in_warmup > 0;
}

// A search as the main thread sees it: run after run, and what is reported of them.
class RateFinder {
 public:
  RateFinder(const LoadPlan& plan, const RunSetting& setting, Outputs& outputs)
      : plan_(plan), setting_(setting), stop_(setting.stop), outputs_(outputs) {
    const FindRatePlan& asked = plan.find_rate;
    for (const Objective& objective : asked.objectives) {
      found_.objectives.push_back(objective.text);
      found_.errors_judged = found_.errors_judged || objective.is_errors();
    }
    found_.from = asked.from.value_or(kFirstRate);
    found_.to = asked.to.value_or(0);
    found_.precision = asked.precision.value_or(kRatePrecision);
    found_.required = asked.required.value_or(0);
  }

  Result run() {
    if (plan_.find_rate.to || try_closed_loop()) search();
    return finish();
  }

 private:
  // How far it can be worth to go up. False if that ends it all.
  bool try_closed_loop() {
    LoadPlan plan = trial_plan(plan_, 0, ++runs_);
    plan.duration = 1s;
    if (!measure(plan)) return false;
    const double rate = reported_->result.achieved_rate();
    found_.closed_loop = rate;
    found_.to = std::max(found_.from, std::ceil(2 * rate));
    return true;
  }

  void search() {
    RateSearch search({found_.from, found_.to, found_.precision});
    int empty = 0;
    while (search.next().kind != Kind::over && take_step(search, empty)) {
    }
    found_.complete = search.next().kind == Kind::over;
    // What no long run has confirmed is an answer only where a signal asked for it.
    const bool is_answer = search.is_confirmed() || reported_->result.partial;
    found_.rate = is_answer ? search.rate() : 0;
    found_.confirmed = search.is_confirmed();
    found_.next_failed = search.next_failed();
    found_.limited_by = search.limited_by();
  }

  // False if the search cannot go on. `empty` are the runs in a row that made no connection: they
  // say nothing about the rate.
  bool take_step(RateSearch& search, int& empty) {
    const RateSearch::Step step = search.next();
    const auto run = measure(plan_of(step));
    if (!run) return false;
    if (run->nothing_happened()) return recovers(step.rate) && can_repeat(step.rate, ++empty);
    empty = 0;
    judge(*run, step.kind == Kind::confirmation);
    const RateTrial& trial = found_.trials.back();
    search.take({trial.verdict, trial.achieved, trial.limited_by});
    const bool is_calm = trial.verdict == TrialVerdict::met || search.next().kind == Kind::over;
    return is_calm || recovers(step.rate);
  }

  LoadPlan plan_of(const RateSearch::Step& step) {
    if (step.kind == Kind::trial) return trial_plan(plan_, step.rate, ++runs_);
    LoadPlan plan = plan_;
    plan.rate = step.rate;
    return plan;
  }

  bool can_repeat(double rate, int empty) {
    if (empty < kMostEmpty) return true;
    remark_ = fmt::format("no connection could be made in {} runs at {} messages/s", empty,
                          number_text(rate));
    return false;
  }

  void judge(const Result& result, bool confirming) {
    found_.trials.push_back(judge_trial(result, plan_.find_rate.objectives, confirming, usual_));
    const bool is_met = found_.trials.back().verdict == TrialVerdict::met;
    if (is_met && !confirming) usual_ = result.histogram(Metric::service_time).percentile(50);
    if (is_met && confirming) confirmed_ = reported_;
    if (shows_live_lines(plan_)) show_live_line(trial_line(found_.trials.back()));
  }

  // One run, which is then the one to report unless nothing happened in it. Nothing if it ends all.
  std::shared_ptr<const Result> measure(const LoadPlan& plan) {
    const auto one = run_once(plan);
    if (!one) return nullptr;
    const bool is_first = !reported_;
    if (is_first || !one->result.nothing_happened()) reported_ = one;
    const bool refused = is_first && one->result.counters.connections.made == 0;
    if (stopped_) reported_->result.partial = true;
    if (stopped_ || refused || came_back_wrong(one->result)) return nullptr;
    return {one, &one->result};
  }

  // Nothing if it could not start, which ends all. What the machine lacks for the first run is the
  // result; later there is something to lose.
  std::shared_ptr<Measurement> run_once(const LoadPlan& plan) {
    auto one = std::make_shared<Measurement>(Measurement{{}, KeptIntervals(plan)});
    try {
      auto [result, interrupted] =
          load::measure(plan, {setting_.resolver, stop_, setting_.endpoints, one->intervals});
      one->result = std::move(result);
      stopped_ = interrupted;
    } catch (const std::exception& error) {
      if (reported_) {
        remark_ = error.what();
      } else {
        reported_ = one;
        reported_->result = not_begun(plan, error.what());
      }
      return nullptr;
    }
    return one;
  }

  // Until the server answers as usual again, or answers at all when the patience is over.
  bool recovers(double rate) {
    const auto deadline = Clock::now() + kRecovery;
    while (true) {
      const auto next = Clock::now() + kBetweenProbes;
      LoadPlan plan = probe_plan(plan_);
      plan.seed += ++runs_;
      const auto probe = run_once(plan);
      if (!probe) return false;
      if (came_back_wrong(probe->result)) reported_ = probe;
      if (stopped_) reported_->result.partial = true;
      if (stopped_ || came_back_wrong(probe->result)) return false;
      if (has_recovered(probe->result, usual_)) return true;
      if (Clock::now() >= deadline) return answers_at_all(probe->result, rate);
      // A server that refuses does so at once. A signal ends the next probe.
      std::array<pollfd, 1> entries{{{stop_.descriptor(), POLLIN, 0}}};
      poll_until(entries, next);
    }
  }

  bool answers_at_all(const Result& probe, double rate) {
    if (probe.counters.messages.echoed > 0) return true;
    remark_ = fmt::format("the server answered nothing for {}s after {} messages/s",
                          kRecovery.count(), number_text(rate));
    return false;
  }

  Result finish() {
    const bool is_last = reported_->result.partial || came_back_wrong(reported_->result);
    if (found_.confirmed && !is_last) reported_ = confirmed_;
    Result& result = reported_->result;
    result.found_rate = std::move(found_);
    if (!remark_.empty()) result.remarks.push_back(remark_);
    if (!result.nothing_happened()) reported_->intervals.write(outputs_);
    return std::move(result);
  }

  const LoadPlan& plan_;
  const RunSetting& setting_;
  Signals& stop_;
  Outputs& outputs_;
  FoundRate found_;
  std::uint64_t runs_ = 0;  // but for the confirming ones
  bool stopped_ = false;    // by a signal
  std::shared_ptr<Measurement> reported_;
  std::shared_ptr<Measurement> confirmed_;
  std::optional<nanoseconds> usual_;  // the median service time at the highest short trial met
  std::string remark_;
};

}  // namespace

int find_rate(const LoadPlan& plan) {
  return load_server(plan, [&plan](const RunSetting& setting, Outputs& outputs) {
    return RateFinder(plan, setting, outputs).run();
  });
}

}  // namespace echo::load
