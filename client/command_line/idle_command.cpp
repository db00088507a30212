#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "client/command_line/client_options.h"
#include "client/command_line/commands.h"
#include "common/options/option_kinds.h"
#include "common/units.h"
#include "common/usage_error.h"

namespace echo {
namespace {

using std::chrono::nanoseconds;

constexpr DurationRange kStepPrecision{.lowest = std::chrono::milliseconds(1)};
// The most that the kernel takes (MAX_TCP_KEEPIDLE is 32767 s), in whole hours.
constexpr DurationRange kKeepalive{.highest = std::chrono::hours(9)};

nanoseconds parse_gap(std::string_view text) {
  const nanoseconds gap = parse_duration(text);
  if (gap.count() > 0) return gap;
  throw std::invalid_argument(
      fmt::format("'{}' is not a silence longer than zero, such as 30s", text));
}

OptionSpec gaps_option(std::vector<nanoseconds>& gaps) {
  OptionSpec option = option_of(
      "--gaps", "LIST", "Silences to try, all at once, each on a connection of its own",
      [&gaps](const std::string& text) {
        std::vector<nanoseconds> given;
        for_each_part(text, [&](std::string_view part) { given.push_back(parse_gap(part)); });
        gaps = given;
      },
      [&gaps] {
        std::vector<std::string> texts;
        for (const nanoseconds gap : gaps) texts.push_back(duration_text(gap));
        return fmt::format("{}", fmt::join(texts, ","));
      });
  option.excludes = "--bisect";
  return option;
}

// One that only a search has.
OptionSpec of_search(std::string& given, OptionSpec option) {
  option.parse = [&given, name = option.long_name(),
                  parse = std::move(option.parse)](const std::string& text) {
    parse(text);
    given = name;
  };
  return option;
}

OptionSpec keepalive_option(nanoseconds& value) {
  OptionSpec option = duration_option(
      "--keepalive", value,
      "Probe from this side after this silence, in whole seconds, to see whether keepalive "
      "would hold the path; 0 = off",
      kKeepalive);
  option.parse = [&value, parse = std::move(option.parse)](const std::string& text) {
    parse(text);
    if (value % std::chrono::seconds(1) == nanoseconds::zero()) return;
    throw std::invalid_argument(fmt::format("'{}' is not a number of whole seconds", text));
  };
  return option;
}

OptionSpec require_option(std::optional<nanoseconds>& value) {
  return option_of(
      "--require", "GAP",
      "Exit status 3 unless this silence survives; it is tried beside the others",
      [&value](const std::string& text) { value = parse_gap(text); },
      [&value] { return value ? duration_text(*value) : std::string(); });
}

std::vector<HelpSection> idle_sections() {
  return {
      {.text = "Finds which silences a path survives: NATs, firewalls, load balancers and proxies "
               "forget a connection that is silent for too long. Each gap has a connection of its "
               "own. It exchanges a message, is silent from the last acknowledged byte on, and "
               "exchanges another one; every byte is compared. Keepalive is off on this side.\n"
               "The far end must not refresh the path either: --keepalive 0 --idle-timeout 0 of "
               "echod."},
      {.title = "Verdicts",
       .rows = {{"alive", "The message after the silence came back"},
                {"closed", "The connection was closed (FIN)"},
                {"reset", "It was reset while it was silent"},
                {"reset on speaking", "The message was answered with a reset"},
                {"no answer", "Nothing came back within --timeout"},
                {"wrong bytes", "Something came back that was not sent"}}},
      {.title = "Exit status",
       .rows = {{"0", "Each server has a verdict on at least one gap"},
                {"1", "A server has none"},
                {"2", "Wrong usage"},
                {"3", "The gap of --require did not survive"},
                {"4", "Bytes came back wrong"},
                {"130", "Interrupted; what was found out is reported all the same"}}},
      {.title = "Examples",
       .rows = {{"echoc idle 10.0.0.1:7007", "30 s to 350 s, in 350 s"},
                {"echoc idle --bisect --to 10m 10.0.0.1:7007", "The threshold to within 5 s"},
                {"echoc idle --keepalive 60 --require 10m 10.0.0.1:7007",
                 "Whether that keepalive would do"}}}};
}

}  // namespace

CommandSpec idle_command(idle::Options& options) {
  const auto search = [&options](OptionSpec option) {
    return of_search(options.search_option, std::move(option));
  };
  CommandSpec command{
      .name = "idle",
      .summary = "Find which silences a path survives before it forgets a connection",
      .options = {addresses_argument(options.addresses), gaps_option(options.gaps),
                  flag_option("--bisect", options.bisect,
                              "Search for the threshold, with several gaps per step"),
                  search(duration_option("--from", options.from, "Shortest silence of a search",
                                         kLongerThanZero)),
                  search(duration_option("--to", options.to, "Longest silence of a search",
                                         kLongerThanZero)),
                  search(duration_option("--precision", options.precision,
                                         "Stop when the threshold is known this exactly",
                                         kStepPrecision)),
                  keepalive_option(options.keepalive), require_option(options.require),
                  timeout_option(options.timeout), connect_timeout_option(options.connect_timeout),
                  json_option(options.json),
                  seed_option(options.seed, "The same N repeats the same payload")},
      .sections = idle_sections()};
  for (OptionSpec& option : socket_options(options.socket)) {
    command.options.push_back(std::move(option));
  }
  return command;
}

void check_idle(const idle::Options& options) {
  if (!options.bisect && !options.search_option.empty()) {
    throw UsageError(
        fmt::format("{} belongs to a search: give --bisect too", options.search_option));
  }
  if (options.bisect && options.from >= options.to) {
    throw UsageError(fmt::format("--from: '{}' is not shorter than --to, which is '{}'",
                                 duration_text(options.from), duration_text(options.to)));
  }
  for (const Address& address : options.addresses) {
    if (address.path.empty() || options.keepalive.count() == 0) continue;
    throw UsageError(fmt::format("--keepalive: '{}' is a unix socket, and only TCP has keepalive",
                                 address.text()));
  }
}

}  // namespace echo
