#include "client/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "common/units.h"

namespace echo {
namespace {

constexpr std::array<std::string_view, 2> kCommands{"talk", "ping"};

constexpr std::string_view kAddressHelp =
    "The server: host:port, [v6]:port, :port (this machine) or unix:/path";

constexpr std::string_view kProgramFooter = R"(
echoc ADDR is short for echoc talk ADDR. Each command has a --help of its own.

Durations: 250us 100ms 5s 2m 1h; a bare number is seconds. Sizes: 512 64k 4M 1G
Exit status: 0 good, 1 no connection or something was lost, 2 usage,
  4 bytes came back wrong, 130 interrupted before the work was done

Examples:
  echoc 127.0.0.1:7007               what is typed comes back
  echoc :7007 <file >copy            leaves copy equal to file
  echoc ping -n 10 -i 200ms :7007    ten verified messages, five a second)";

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

// An option whose text `parse` takes; what it refuses is a usage error that names the option.
template <typename Parse>
CLI::Option* add(CLI::App& app, const std::string& names, const std::string& type, Parse parse,
                 const std::string& help, const std::string& initial = {}) {
  CLI::Option* option =
      app.add_option_function<std::string>(names, [names, parse](const std::string& text) {
        try {
          parse(text);
        } catch (const std::invalid_argument& error) {
          throw CLI::ValidationError(names, error.what());
        }
      });
  option->description(initial.empty() ? help : help + " [" + initial + "]");
  option->type_name(type)->option_text(type);
  return option;
}

void add_address(CLI::App& app, Address& address) {
  add(
      app, "ADDR", "", [&address](const std::string& text) { address = Address::parse(text); },
      std::string(kAddressHelp))
      ->required();
}

void add_duration(CLI::App& app, const std::string& names, std::chrono::nanoseconds& value,
                  const std::string& help) {
  const auto parse = [&value](const std::string& text) {
    value = parse_duration(text);
    if (value.count() == 0) {
      throw std::invalid_argument(
          fmt::format("'{}' is not a duration greater than 0, such as 100ms or 5s", text));
    }
  };
  add(app, names, "D", parse, help, duration_text(value));
}

void add_connect_timeout(CLI::App& app, std::chrono::nanoseconds& value) {
  add_duration(app, "--connect-timeout", value, "How long to try each address of the server");
}

void add_talk(CLI::App& program, TalkOptions& options) {
  CLI::App& app = *program.add_subcommand(
      "talk", "Standard input to the server, what comes back to standard output");
  app.footer(std::string(kTalkFooter));
  add_address(app, options.address);
  add_connect_timeout(app, options.connect_timeout);
}

std::uint64_t at_least_one(std::uint64_t value, const std::string& text) {
  if (value == 0) throw std::invalid_argument(fmt::format("'{}' is too small: at least 1", text));
  return value;
}

void add_ping(CLI::App& program, PingOptions& options) {
  CLI::App& app = *program.add_subcommand(
      "ping", "One small verified message an interval, and a summary of the times");
  app.footer(std::string(kPingFooter));
  add_address(app, options.address);
  add_duration(app, "-i,--interval", options.interval, "From one message to the next");
  add(
      app, "-n,--count", "COUNT",
      [&](const std::string& text) { options.count = at_least_one(parse_count(text), text); },
      "End after so many messages", "endless");
  add(
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
  CLI::App app("Talks to an echo server, pings it, and checks every byte that comes back.",
               "echoc");
  app.set_version_flag("-V,--version", "echoc " ECHO_VERSION);
  app.require_subcommand(1);
  app.footer(std::string(kProgramFooter));
  TalkOptions talk;
  PingOptions ping;
  add_talk(app, talk);
  add_ping(app, ping);

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
  return talk;
}

}  // namespace echo
