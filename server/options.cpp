#include "server/options.h"

#include <fmt/format.h>

#include <array>
#include <functional>
#include <limits>
#include <stdexcept>
#include <utility>

#include <CLI/CLI.hpp>

#include "common/units.h"

namespace echo {
namespace {

using std::chrono::nanoseconds;

constexpr const char* kFooter =
    "Durations: 250us 100ms 5s 2m 1h 7d, a bare number is seconds, 0 is off.\n"
    "Addresses: host:port, [v6]:port, :port (every interface), unix:/path; port 0: the kernel "
    "picks.\n\n"
    "Signals: TERM and INT let clients finish (a second one ends at once).\n"
    "Exit: 0 clean, 1 could not start or run, 2 usage, 3 the drain timeout forced connections "
    "shut.\n\n"
    "Example: echod --listen :7007 --idle-timeout 30s";

// Reads one value with a parser that throws std::invalid_argument; CLI11 puts the option's name
// before the message.
template <typename Parser>
CLI::Option* add_parsed(CLI::App& app, const std::string& names, Parser parser,
                        const std::string& what, const std::string& type) {
  return app
      .add_option_function<std::string>(
          names,
          [names, parser](const std::string& text) {
            try {
              parser(text);
            } catch (const std::invalid_argument& error) {
              throw CLI::ValidationError(names.substr(names.find("--")), error.what());
            }
          },
          what)
      ->type_name(type);
}

// At least `lowest` and at most what the value can hold.
template <typename Number>
void add_number(CLI::App& app, const std::string& names, Number& value, std::uint64_t lowest,
                const std::string& what) {
  const auto parse = [&value, lowest](const std::string& text) {
    constexpr auto kHighest = static_cast<std::uint64_t>(std::numeric_limits<Number>::max());
    const std::uint64_t number = parse_count(text);
    if (number < lowest || number > kHighest) {
      throw std::invalid_argument(
          fmt::format("'{}' is not a number from {} to {}", text, lowest, kHighest));
    }
    value = static_cast<Number>(number);
  };
  add_parsed(app, names, parse, what, "N")->default_str(fmt::to_string(value));
}

// May be given again; together the values replace those that were there.
template <typename Value>
CLI::Option* add_list(CLI::App& app, const std::string& names, std::vector<Value>& values,
                      const std::string& what, const std::string& type) {
  return app
      .add_option_function<std::vector<std::string>>(
          names,
          [names, &values](const std::vector<std::string>& texts) {
            values.clear();
            try {
              for (const std::string& text : texts) values.push_back(Value::parse(text));
            } catch (const std::invalid_argument& error) {
              throw CLI::ValidationError(names.substr(names.find("--")), error.what());
            }
          },
          what + "; may be given again")
      ->type_name(type)
      ->allow_extra_args(false);
}

WhenFull parse_when_full(std::string_view text) {
  if (text == "reject") return WhenFull::reject;
  if (text == "wait") return WhenFull::wait;
  throw std::invalid_argument(fmt::format("'{}' is not one of reject, wait", text));
}

Level parse_level(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, Level>, 7> kLevels{
      {{"trace", Level::trace},
       {"debug", Level::debug},
       {"info", Level::info},
       {"warning", Level::warn},
       {"error", Level::err},
       {"critical", Level::critical},
       {"off", Level::off}}};
  for (const auto& [name, level] : kLevels) {
    if (text == name || (text == "warn" && level == Level::warn)) return level;
  }
  throw std::invalid_argument(fmt::format(
      "'{}' is not a level: trace, debug, info, warning, error, critical or off", text));
}

LogFormat parse_format(std::string_view text) {
  if (text == "text") return LogFormat::text;
  if (text == "json") return LogFormat::json;
  throw std::invalid_argument(fmt::format("'{}' is not a format: text or json", text));
}

void add_duration(CLI::App& app, const std::string& names, nanoseconds& value,
                  const std::string& what) {
  add_parsed(
      app, names, [&value](const std::string& text) { value = parse_duration(text); }, what,
      "DURATION")
      ->default_str(duration_text(value));
}

void describe_admission(CLI::App& app, AdmissionLimits& limits) {
  add_number(app, "-m,--max-connections", limits.max_connections, 1,
             "connections at once; lowered where descriptors or threads don't reach");
  add_number(app, "--max-per-address", limits.max_per_address, 0,
             "connections at once of an IPv4 address or IPv6 /64; 0 is off");
  add_parsed(
      app, "--when-full",
      [&limits](const std::string& text) { limits.when_full = parse_when_full(text); },
      "reject: close a new client at once; wait: leave it in the backlog", "MODE")
      ->default_str("reject");
  add_list(app, "--allow", limits.allow, "let in this block of addresses and not the rest", "CIDR");
  add_list(app, "--deny", limits.deny, "keep out this block; the most specific block decides",
           "CIDR");
}

void describe(CLI::App& app, Options& options) {
  app.set_version_flag("-V,--version", "echod " ECHO_VERSION);
  app.footer(kFooter);
  add_list(app, "-l,--listen", options.listen, "where to listen", "ADDRESS")
      ->default_str("127.0.0.1:7007");
  app.add_option("--port-file", options.port_file,
                 "file for the addresses really bound, one a line")
      ->type_name("FILE");
  add_number(app, "--backlog", options.backlog, 1, "connections that may wait to be accepted");
  describe_admission(app, options.admission);
  add_duration(app, "-i,--idle-timeout", options.idle_timeout,
               "close a client when no byte flows either way for so long");
  add_duration(app, "--write-timeout", options.write_timeout,
               "reset a client that takes none of its bytes for so long");
  add_duration(app, "--max-lifetime", options.max_lifetime,
               "close a client so long after it connected");
  add_duration(app, "--heartbeat", options.heartbeat, "beat of the \"Waiting for client\" lines");
  add_duration(app, "--drain-timeout", options.drain_timeout,
               "how long clients may finish after a signal to stop");
  add_parsed(
      app, "--log-level",
      [&options](const std::string& text) { options.log.level = parse_level(text); },
      "trace, debug, info, warning, error, critical or off", "LEVEL")
      ->default_str("info");
  add_parsed(
      app, "--log-format",
      [&options](const std::string& text) { options.log.format = parse_format(text); },
      "text or json", "FORMAT")
      ->default_str("text");
}

// What no option can know alone.
void check(const Options& options) {
  try {
    AccessList(options.admission.allow, options.admission.deny);
  } catch (const std::invalid_argument& error) {
    throw CLI::ValidationError("--allow and --deny", error.what());
  }
}

}  // namespace

std::variant<Options, ExitCode> parse_options(int argc, const char* const* argv) {
  Options options;
  CLI::App app("Multi-client TCP echo server: a worker thread for each connection.", "echod");
  describe(app, options);
  try {
    app.parse(argc, argv);
    check(options);
  } catch (const CLI::Success& success) {
    app.exit(success);
    return exit_ok;
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "echod: {}; see echod --help\n", error.what());
    return exit_usage;
  }
  return options;
}

}  // namespace echo
