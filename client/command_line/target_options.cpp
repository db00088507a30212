#include "client/command_line/target_options.h"

#include <fmt/format.h>

#include <utility>

#include "client/command_line/client_options.h"
#include "common/options/option_kinds.h"
#include "common/usage_error.h"

namespace echo {
namespace {

constexpr CountRange kManyRounds{.lowest = 1, .highest = 100};

// All results are kept until the end, a megabyte or two each.
constexpr std::uint64_t kMostRuns = 1000;

}  // namespace

OptionSpec targets_argument(LoadPlan& plan) {
  OptionSpec option = peer_argument(plan.address);
  option.parse = [&plan](const std::string& text) {
    plan.targets.push_back(Address::parse_peer(text));
    plan.address = plan.targets.front();
  };
  option.clear = [&plan] { plan.targets.clear(); };
  return option;
}

OptionSpec rounds_option(LoadPlan& plan) {
  OptionSpec option = option_of(
      "--rounds", "N", "Runs of each of several addresses, which take turns",
      [&plan](const std::string& text) { plan.rounds = parse_count_in(text, kManyRounds); },
      [&plan] { return std::to_string(plan.effective_rounds()); });
  option.is_number = true;
  return option;
}

void check_targets(const LoadPlan& plan) {
  for (const Address& target : plan.targets) {
    if (target.path.empty() || plan.sources.empty()) continue;
    throw UsageError(fmt::format("--source is of TCP, and {} is a unix socket", target.text()));
  }
  if (!plan.has_several_targets()) {
    if (!plan.rounds) return;
    throw UsageError("--rounds needs several addresses, which take turns: echoc load ADDR ADDR...");
  }
  if (plan.share || plan.start_at) {
    throw UsageError(fmt::format("{} goes with one address, and there are {}, which take turns",
                                 plan.share ? "--share" : "--start-at", plan.targets.size()));
  }
  const std::uint64_t runs = plan.effective_rounds() * plan.targets.size();
  if (runs > kMostRuns) {
    throw UsageError(fmt::format("--rounds {} of {} addresses are {} runs; at most {} can be kept",
                                 plan.effective_rounds(), plan.targets.size(), runs, kMostRuns));
  }
  for (const auto& [option, file] : {std::pair("--csv", &plan.csv), std::pair("--hlog", &plan.hlog),
                                     std::pair("--hgrm", &plan.hgrm)}) {
    if (file->empty()) continue;
    throw UsageError(fmt::format(
        "{} {} holds one run, and {} addresses have several: use --json, or one address", option,
        *file, plan.targets.size()));
  }
}

}  // namespace echo
