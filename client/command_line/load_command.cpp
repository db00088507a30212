#include <fmt/format.h>

#include <chrono>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <asio/ip/address.hpp>

#include "client/command_line/client_options.h"
#include "client/command_line/commands.h"
#include "client/command_line/find_rate_command.h"
#include "client/command_line/fleet_options.h"
#include "client/command_line/target_options.h"
#include "client/results/durations.h"
#include "common/options/option_kinds.h"
#include "common/units.h"
#include "common/usage_error.h"

namespace echo {
namespace {

constexpr CountRange kManyAtOnce{.lowest = 1, .highest = 100'000};
constexpr CountRange kManyInAll{.lowest = 1, .highest = 100'000'000};  // of a whole fleet
constexpr CountRange kThreads{.lowest = 1, .highest = 1024};
constexpr std::uint64_t kLargestMessage = std::uint64_t{1} << 30;

// Each has histograms of 300 KiB, which are merged while the next ones fill.
constexpr DurationRange kIntervals{.lowest = std::chrono::milliseconds(10)};

void parse_sizes(LoadPlan& plan, const std::string& text) {
  const auto refuse = [&text](const char* why) {
    throw std::invalid_argument(
        fmt::format("'{}' is not a size such as 512 or 4k, or a range such as 64-4k{}", text, why));
  };
  const std::size_t dash = text.find('-');
  std::uint64_t smallest = 0;
  std::uint64_t largest = 0;
  try {
    smallest = parse_size(text.substr(0, dash));
    largest = dash == text.npos ? smallest : parse_size(text.substr(dash + 1));
  } catch (const std::invalid_argument&) {
    refuse("");
  }
  if (largest < smallest) refuse(": it ends below its beginning");
  if (smallest == 0 || largest > kLargestMessage) refuse(": a message has 1 byte to 1G");
  plan.smallest = smallest;
  plan.largest = largest;
}

OptionSpec size_range_option(LoadPlan& plan) {
  OptionSpec option = option_of(
      "-s,--size", "SIZE", "Bytes of a message, or a range such as 64-4k",
      [&plan](const std::string& text) { parse_sizes(plan, text); },
      [&plan] {
        const std::string smallest = size_text(plan.smallest);
        if (plan.largest == plan.smallest) return smallest;
        return smallest + '-' + size_text(plan.largest);
      });
  option.aliases = "-l --length --message-size --payload";
  return option;
}

OptionSpec rate_option(LoadPlan& plan) {
  OptionSpec option = option_of(
      "-r,--rate", "RATE", "Messages per second in all; 0 = as fast as answers come",
      [&plan](const std::string& text) { plan.rate = parse_rate(text); },
      [&plan] { return fmt::format("{}", plan.rate); });
  option.aliases = "-R --rps --qps -q --throughput";
  return option;
}

OptionSpec source_option(std::vector<std::string>& sources) {
  OptionSpec option = option_of(
      "--source", "IP", "Address to connect from; several take turns",
      [&sources](const std::string& text) {
        asio::error_code error;
        asio::ip::make_address(text, error);
        if (error) {
          throw std::invalid_argument(
              fmt::format("'{}' is not an address of this machine, such as 127.0.0.2", text));
        }
        sources.push_back(text);
      },
      [&sources] { return fmt::format("{}", fmt::join(sources, ", ")); });
  option.clear = [&sources] { sources.clear(); };
  return option;
}

OptionSpec interval_option(LoadPlan& plan) {
  OptionSpec option = duration_option(
      "-i,--interval", plan.interval,
      "Time between live lines; giving it prints them without a terminal too", kIntervals);
  option.parse = [&plan, parse = std::move(option.parse)](const std::string& text) {
    parse(text);
    plan.interval_asked = true;
  };
  return option;
}

std::vector<OptionSpec> workload_options(LoadPlan& plan) {
  OptionSpec count = count_option(
      "-n,--count", plan.count, "Send N messages in all instead of for a duration", {.lowest = 1});
  count.initial.clear();
  count.excludes = "--duration";
  count.aliases = "--requests --messages";
  return {
      known_as("--clients --concurrency --users",
               count_option("-c,--connections", plan.connections, "Connections", kManyInAll)),
      known_as("--time", duration_option("-d,-t,--duration", plan.duration, "How long to measure",
                                         kLongerThanZero)),
      std::move(count),
      rate_option(plan),
      size_range_option(plan),
      count_option("--pipeline", plan.pipeline, "Messages outstanding per connection", kManyAtOnce),
      count_option("--messages-per-connection", plan.messages_per_connection,
                   "Reconnect after N messages; 0 = never"),
      duration_option("--ramp-up", plan.ramp_up, "Period over which connections start"),
      duration_option("--warmup", plan.warmup, "Initial period excluded from the results"),
      timeout_option(plan.timeout),
      connect_timeout_option(plan.connect_timeout),
      rounds_option(plan),
  };
}

OptionSpec spin_option(LoadPlan& plan) {
  OptionSpec option = duration_option(
      "--spin", plan.spin,
      "How long to poll, not sleep, before a message is due and for an answer; 0 = never",
      {.highest = std::chrono::seconds(1)});
  option.parse = [&plan, parse = std::move(option.parse)](const std::string& text) {
    parse(text);
    plan.spin_adaptive = false;
  };
  option.initial = "adaptive";
  return option;
}

std::vector<OptionSpec> runtime_options(LoadPlan& plan) {
  OptionSpec threads = count_option("-w,--threads", plan.threads, "Generator threads", kThreads);
  threads.initial = "one per core";
  return {
      std::move(threads),
      spin_option(plan),
      source_option(plan.sources),
      seed_option(plan.seed, "The same N repeats the same payloads and sizes"),
  };
}

std::vector<OptionSpec> result_options(LoadPlan& plan) {
  return {
      percentiles_option(plan.percentiles),
      json_option(plan.json),
      file_option("--hlog", plan.hlog, "Write a histogram per interval, for echoc merge"),
      hgrm_option(plan.hgrm),
      file_option("--csv", plan.csv, "Write one row per interval, times in microseconds"),
      interval_option(plan),
      objectives_option(plan.objectives),
      no_picture_option(plan.no_picture),
      flag_option("-q,--quiet", plan.quiet, "No report and no live lines"),
  };
}

std::vector<HelpSection> load_sections() {
  return {
      {.text = "Without --rate each connection sends as soon as its answer has come (closed loop). "
               "With it each message is due at a certain time, and its latency counts from then, "
               "however late it left (open loop).\n"
               "Every byte that comes back is compared. All connections are made before the clock "
               "starts; ramp-up and warm-up come before the measuring.\n"
               "Several addresses take turns, in --rounds runs of --duration each whose order is "
               "reversed every round, and are compared with the first one."},
      {.title = "Objectives",
       .text = "METRIC<LIMIT (also <= > >=), several with commas or options",
       .rows = {{"p50 p99.9 min mean max", "Latency, from when a message was due: p99<5ms"},
                {"service_time.p99", "The same from when it was sent, without its wait"},
                {"send_lateness.p99", "How late echoc itself sent"},
                {"connect.p99", "Time to connect: connect.p99<50ms"},
                {"errors", "With a number or a percentage: errors<0.1%"},
                {"rate", "Messages per second, or a share of --rate: rate>0.98"}}},
      {.title = "Exit status",
       .rows = {{"0", "Good"},
                {"1", "Connections or messages failed, unless an errors objective judges them"},
                {"2", "Wrong usage"},
                {"3", "An objective was missed"},
                {"4", "Bytes came back wrong"},
                {"130", "Interrupted; what was measured is reported all the same"}}},
      {.title = "Examples",
       .rows = {{"echoc load :7007", ""},
                {"echoc load -c 100 -d 30s -r 20k --slo 'p99<5ms,errors<0.1%' 10.0.0.1:7007", ""},
                {"echoc load -d 5s --rounds 6 --json ab.json old:7007 new:7007", ""},
                {"echoc load -c 50 --messages-per-connection 1 --json result.json :7007", ""}}}};
}

// A time that far ahead can still be told; nanoseconds in 64 bits end after 292 years.
void check_time(const LoadPlan& plan) {
  constexpr double kMostDays = 36500;
  const double all = seconds(plan.ramp_up) + seconds(plan.warmup) + seconds(plan.duration);
  const double days =
      all * static_cast<double>(plan.has_several_targets() ? plan.effective_rounds() : 1) / 86400;
  if (days <= kMostDays) return;
  throw UsageError(fmt::format(
      "--ramp-up, --warmup and --duration are together longer than {} days", kMostDays));
}

}  // namespace

CommandSpec load_command(LoadPlan& plan) {
  CommandSpec command{.name = "load",
                      .summary = "Send many verified messages on many connections, and measure",
                      .options = {targets_argument(plan)},
                      .sections = load_sections()};
  for (auto part : {workload_options(plan), runtime_options(plan), socket_options(plan.socket),
                    fleet_options(plan), result_options(plan), find_rate_options(plan.find_rate)}) {
    for (OptionSpec& option : part) command.options.push_back(std::move(option));
  }
  return command;
}

void check_plan(const LoadPlan& plan) {
  check_targets(plan);
  if (plan.connections > kManyAtOnce.highest) {
    throw UsageError(
        fmt::format("--connections: {} are more than {} in one process; --share gives "
                    "each of several a part",
                    plan.connections, kManyAtOnce.highest));
  }
  check_find_rate(plan);
  check_time(plan);
  for (const Objective& objective : plan.objectives) {
    if (objective.kind == Objective::Kind::rate_share && !plan.open_loop() &&
        !plan.find_rate.wanted()) {
      throw UsageError(
          fmt::format("--slo: '{}' is a share of --rate, which is missing", objective.text));
    }
    if (objective.needs_due_times() && !plan.open_loop() && !plan.find_rate.wanted()) {
      throw UsageError(
          fmt::format("--slo: '{}' needs --rate: without it no message is due at a time of its own",
                      objective.text));
    }
  }
}

}  // namespace echo
