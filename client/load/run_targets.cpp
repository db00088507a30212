#include "client/load/run_targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "client/load/run.h"
#include "client/load/run_result.h"
#include "client/load/turns.h"
#include "client/results/outputs.h"
#include "client/results/target_runs.h"
#include "client/wire/socket_setup.h"
#include "client/wire/stop_signals.h"
#include "common/console.h"
#include "common/exit_code.h"

namespace echo::load {
namespace {

LoadPlan plan_of_run(const LoadPlan& plan, const Address& target) {
  LoadPlan one = plan;
  one.address = target;
  one.targets.clear();
  one.rounds.reset();
  return one;
}

// All runs of a command, on the main thread.
class Series {
 public:
  explicit Series(const LoadPlan& plan) : plan_(plan), targets_(targets_of(plan)), outputs_(plan) {}

  int run() {
    outputs_.announce();
    for (std::size_t round = 0; round < plan_.effective_rounds() && !stopped_; ++round) {
      for (const std::size_t turn : turns_of(round, targets_.size())) {
        if (stop_.take()) stopped_ = true;
        if (!stopped_) run_one(targets_[turn], round);
      }
    }
    Result sum = sum_of_targets(plan_, take_runs());
    sum.error = failure_;
    sum.partial = sum.partial || (failure_.empty() && !is_complete(sum));
    // From now on a signal ends whatever the output waits for.
    while (stop_.take()) {
    }
    const int status = outputs_.finish(sum, stop_.descriptor());
    return failure_.empty() ? status : exit_failed;
  }

 private:
  struct Target {
    Target(const LoadPlan& all, const Address& address)
        : plan(plan_of_run(all, address)), resolver(address), runs{address.text(), {}} {}

    LoadPlan plan;
    Resolver resolver;
    TargetRuns runs;
    bool has_complained = false;
  };

  // Resolvers are processes, which must begin before the first thread does.
  static std::deque<Target> targets_of(const LoadPlan& plan) {
    std::deque<Target> targets;
    for (const Address& target : plan.targets) targets.emplace_back(plan, target);
    return targets;
  }

  void run_one(Target& target, std::size_t round) {
    std::optional<Result> result = result_of(target, round);
    if (!result) return;
    if (result->nothing_happened() && result->error.empty() && !result->partial) {
      result->error = target.runs.target + ": no message was measured";
    }
    if (!result->error.empty() && failure_.empty() && !std::exchange(target.has_complained, true)) {
      print_error(fmt::format("echoc: round {}: {}", round + 1, result->error));
    }
    target.runs.runs.push_back(std::move(*result));
  }

  // Nothing if a signal came before it began.
  std::optional<Result> result_of(Target& target, std::size_t round) {
    std::optional<std::vector<Endpoint>> endpoints;
    try {
      endpoints = target.resolver.resolve(stop_.descriptor());
    } catch (const std::runtime_error& error) {
      return not_begun(target.plan, error.what());
    }
    stopped_ = !endpoints;
    if (stopped_) return std::nullopt;
    return measured(target, *endpoints, round);
  }

  // What the machine lacks for the first run it lacks for all, and that ends them.
  std::optional<Result> measured(Target& target, const std::vector<Endpoint>& endpoints,
                                 std::size_t round) {
    const bool is_first = !std::exchange(has_begun_, true);
    const std::string title = fmt::format("round {} of {}, {}", round + 1, plan_.effective_rounds(),
                                          printable(target.runs.target));
    try {
      auto [result, stopped] =
          measure(target.plan, {target.resolver, stop_, endpoints, ignored_, title});
      stopped_ = stopped;
      return std::move(result);
    } catch (const std::exception& error) {
      if (is_first) failure_ = error.what();
      stopped_ = is_first;
      return not_begun(target.plan, error.what());
    }
  }

  std::vector<TargetRuns> take_runs() {
    std::vector<TargetRuns> runs;
    for (Target& target : targets_) runs.push_back(std::move(target.runs));
    return runs;
  }

  bool is_complete(const Result& sum) const {
    return std::ranges::all_of(sum.targets, [this](const TargetRuns& target) {
      return target.runs.size() == plan_.effective_rounds();
    });
  }

  const LoadPlan& plan_;
  Signals stop_ = stop_signals();
  std::deque<Target> targets_;
  Outputs outputs_;
  IgnoredIntervals ignored_;
  bool stopped_ = false;
  bool has_begun_ = false;
  std::string failure_;  // why none could begin
};

}  // namespace

int run_targets(const LoadPlan& plan) {
  for (const Address& target : plan.targets) check_socket_options(plan.socket, target);
  return Series(plan).run();
}

}  // namespace echo::load
