#include "client/command_line/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "client/command_line/load_command.h"
#include "client/command_line/option_parsing.h"
#include "common/units.h"

namespace echo {
namespace {

constexpr std::array<std::string_view, 4> kCommands{"talk", "ping", "load", "merge"};

constexpr std::string_view kProgramFooter = R"(
echoc ADDR is short for echoc talk ADDR. Each command has a --help of its own.

Durations: 250us 100ms 5s 2m 1h; a bare number is seconds. Sizes: 512 64k 4M 1G
Exit status: 0 good, 1 no connection or something was lost, 2 usage,
  3 an objective of load was missed, 4 bytes came back wrong, 130 interrupted
  before the work was done

Examples:
  echoc 127.0.0.1:7007               what is typed comes back
  echoc :7007 <file >copy            leaves copy equal to file
  echoc ping -n 10 -i 200ms :7007    ten verified messages, five a second
  echoc load -c 50 -r 1000 :7007     1000 messages a second over 50 connections)";

constexpr std::string_view kTalkFooter = R"(
At the end of input the connection is half-closed and the rest is waited for.
Exit status: 0 everything came back, 1 no connection or less came back than was
  sent, 2 usage

Examples:
  echoc talk 127.0.0.1:7007
  echoc talk :7007 <file >copy       leaves copy equal to file)";

constexpr std::string_view kPingFooter = R"(
Every byte of an answer is compared. A lost connection is made anew for the next
message; without a first connection the command ends.
Exit status: 0 all came back, 1 no connection or something was lost, 2 usage,
  4 bytes came back wrong, 130 interrupted before COUNT was reached

Examples:
  echoc ping 127.0.0.1:7007          one message a second until Ctrl-C
  echoc ping -n 100 -i 10ms -s 1k [::1]:7007)";

void add_talk(CLI::App& program, TalkOptions& options) {
  CLI::App& app = *program.add_subcommand(
      "talk", "Standard input to the server, what comes back to standard output");
  app.footer(std::string(kTalkFooter));
  add_address(app, options.address);
  add_connect_timeout(app, options.connect_timeout);
}

void add_ping(CLI::App& program, PingOptions& options) {
  CLI::App& app = *program.add_subcommand(
      "ping", "One small verified message an interval, and a summary of the times");
  app.footer(std::string(kPingFooter));
  add_address(app, options.address);
  add_duration(app, "-i,--interval", options.interval, "From one message to the next");
  add_count(app, "-n,--count", options.count, "End after so many messages", "endless");
  add_text(
      app, "-s,--size", "SIZE",
      [&](const std::string& text) { options.size = at_least_one(parse_size(text), text); },
      "Bytes of a message", "64");
  add_duration(app, "--timeout", options.timeout, "How long to wait for an answer");
  add_connect_timeout(app, options.connect_timeout);
}

// `echoc ADDR` is `echoc talk ADDR`, with talk's options as well.
bool names_command_or_help(std::string_view argument) {
  constexpr std::array<std::string_view, 4> kProgramOptions{"-h", "--help", "-V", "--version"};
  return std::ranges::count(kCommands, argument) > 0 ||
         std::ranges::count(kProgramOptions, argument) > 0;
}

// One line, whatever the user typed.
std::string printable(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return std::iscntrl(c) != 0; }, '?');
  return text;
}

// CLI11 misses what is required before it minds what is not known, which is the likelier mistake.
std::string explain(const CLI::App& app, const CLI::ParseError& error, const std::string& command) {
  if (dynamic_cast<const CLI::ValidationError*>(&error) != nullptr) return error.what();
  const std::vector<std::string> unknown = app.remaining(true);
  const std::string what =
      unknown.empty() ? error.what() : fmt::format("'{}' was not expected", unknown.front());
  return fmt::format("{}; see echoc {} --help", what, command);
}

}  // namespace

Command parse_command_line(int argc, const char* const* argv) {
  CLI::App app(
      "Talks to an echo server, pings it, loads it, and checks every byte that comes back.",
      "echoc");
  app.set_version_flag("-V,--version", "echoc " ECHO_VERSION);
  app.require_subcommand(1);
  app.footer(std::string(kProgramFooter));
  TalkOptions talk;
  PingOptions ping;
  load::LoadOptions load;
  load::MergeOptions merge;
  add_talk(app, talk);
  add_ping(app, ping);
  load::add_load(app, load);
  load::add_merge(app, merge);

  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty()) {
    throw UsageError("the server's address is missing, such as 127.0.0.1:7007; see echoc --help");
  }
  if (!names_command_or_help(arguments.front())) arguments.insert(arguments.begin(), "talk");
  const std::string command = arguments.front();
  std::ranges::reverse(arguments);  // the order in which CLI11 takes them
  try {
    app.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    return ShowText{app.help()};
  } catch (const CLI::CallForVersion& version) {
    return ShowText{std::string(version.what()) + "\n"};
  } catch (const CLI::ParseError& error) {
    throw UsageError(printable(explain(app, error, command)));
  }
  if (app.got_subcommand("ping")) return ping;
  if (app.got_subcommand("load")) return load;
  if (app.got_subcommand("merge")) return merge;
  return talk;
}

}  // namespace echo
