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

int parse_backlog(std::string_view text) {
  const std::uint64_t value = parse_count(text);
  if (value == 0 || value > std::numeric_limits<int>::max()) {
    throw std::invalid_argument(fmt::format("'{}' is not a backlog of 1 or more", text));
  }
  return static_cast<int>(value);
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

void describe(CLI::App& app, Options& options) {
  app.set_version_flag("-V,--version", "echod " ECHO_VERSION);
  app.footer(kFooter);
  app.add_option_function<std::vector<std::string>>(
         "-l,--listen",
         [&options](const std::vector<std::string>& texts) {
           options.listen.clear();
           for (const std::string& text : texts) {
             try {
               options.listen.push_back(Address::parse(text));
             } catch (const std::invalid_argument& error) {
               throw CLI::ValidationError("--listen", error.what());
             }
           }
         },
         "where to listen; may be given again")
      ->type_name("ADDRESS")
      ->default_str("127.0.0.1:7007")
      ->allow_extra_args(false);
  app.add_option("--port-file", options.port_file,
                 "file for the addresses really bound, one a line")
      ->type_name("FILE");
  add_parsed(
      app, "--backlog",
      [&options](const std::string& text) { options.backlog = parse_backlog(text); },
      "connections that may wait to be accepted", "N")
      ->default_str("4096");
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

}  // namespace

std::variant<Options, ExitCode> parse_options(int argc, const char* const* argv) {
  Options options;
  CLI::App app("Multi-client TCP echo server: a worker thread for each connection.", "echod");
  describe(app, options);
  try {
    app.parse(argc, argv);
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
