#include "server/config/option_table.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "common/allowed_cpus.h"
#include "common/options/option_kinds.h"
#include "server/core/keepalive.h"

namespace echo {
namespace {

using namespace std::chrono_literals;

constexpr std::array<Choice<Level>, 8> kLevels{{{"trace", Level::trace},
                                                {"debug", Level::debug},
                                                {"info", Level::info},
                                                {"warning", Level::warn},
                                                {"warn", Level::warn},
                                                {"error", Level::err},
                                                {"critical", Level::critical},
                                                {"off", Level::off}}};
constexpr std::array<Choice<LogFormat>, 2> kFormats{
    {{"text", LogFormat::text}, {"json", LogFormat::json}}};
constexpr std::array<Choice<WhenFull>, 2> kWhenFull{
    {{"reject", WhenFull::reject}, {"wait", WhenFull::wait}}};

// Logging needs the deepest stack: it formats into buffers on it, 16 KiB in all. Only pages that
// are used cost memory.
constexpr CountRange kStackSizes{.lowest = std::uint64_t{32} << 10,
                                 .highest = std::uint64_t{1} << 30};

OptionSpec listen(Options& options) {
  OptionSpec option = list_option("-l,--listen", "ADDR", options.listen, "Address to listen on");
  option.clear = [&options] {
    options.listen.clear();
    options.listen_given = true;
  };
  option.aliases = "-p --port --bind --address";
  return option;
}

unsigned parse_mode(const std::string& text) {
  unsigned mode = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, mode, 8);
  if (error == std::errc{} && stop == end && mode <= 0777) return mode;
  throw std::invalid_argument(
      fmt::format("'{}' is not an octal number from 0 to 0777, such as 0660", text));
}

OptionSpec unix_mode(std::optional<unsigned>& mode) {
  return option_of(
      "--unix-mode", "MODE", "Permissions of unix sockets, in octal; else 0666 less the umask",
      [&mode](const std::string& text) { mode = parse_mode(text); },
      [&mode] { return mode ? fmt::format("{:04o}", *mode) : ""; });
}

constexpr std::string_view kPerConnection = "per-connection";

OptionSpec workers(Options& options) {
  std::uint32_t& count = options.workers;
  const auto parse = [&count](const std::string& text) {
    const std::string word = lower_case(text);
    if (word == kPerConnection) count = 0;
    if (word == "auto") count = allowed_cpus();
    if (word == kPerConnection || word == "auto") return;
    try {
      count = static_cast<std::uint32_t>(parse_count_in(text, {.lowest = 1, .highest = 1024}));
    } catch (const std::invalid_argument&) {
      throw std::invalid_argument(
          fmt::format("'{}' is not per-connection, auto or a number from 1 to 1024", text));
    }
  };
  OptionSpec option = option_of(
      "--workers", "N",
      "per-connection: a thread for each; N: N threads, each with many connections; auto: one such "
      "thread per usable CPU",
      parse, [&count] { return count == 0 ? std::string(kPerConnection) : std::to_string(count); });
  option.choices = {std::string(kPerConnection), "auto"};
  option.is_number = true;
  option.aliases = "--threads --worker-threads";
  return option;
}

OptionSpec at_start(OptionSpec option) {
  option.reloadable = false;
  return option;
}

std::vector<OptionSpec> listening(Options& options) {
  return {
      at_start(listen(options)),
      at_start(file_option("--port-file", options.port_file,
                           "Write the addresses really bound to FILE, one per line")),
      at_start(unix_mode(options.unix_mode)),
      at_start(count_option("--backlog", options.backlog,
                            "Connections that may wait to be accepted", {.lowest = 1})),
      at_start(address_option("--metrics", options.metrics,
                              "Address for /metrics (Prometheus), /healthz and /readyz")),
  };
}

std::vector<OptionSpec> limits(Options& options) {
  AdmissionLimits& admission = options.admission;
  OptionSpec most = count_option(
      "-m,--max-connections", admission.max_connections,
      "Connections at once; lowered if descriptors, threads or memory are too few", {.lowest = 1});
  most.aliases = "-c --connections --max-clients --maxconn";
  return {
      std::move(most),
      count_option("--max-per-address", admission.max_per_address,
                   "Connections at once per IPv4 address or IPv6 /64; 0 = off"),
      choice_option("--when-full", "MODE", admission.when_full, kWhenFull,
                    "reject: close a new client immediately; wait: leave it in the backlog"),
      list_option("--allow", "CIDR", admission.allow,
                  "Admit this block of addresses and no others"),
      list_option("--deny", "CIDR", admission.deny,
                  "Keep this block out; the most specific block decides"),
  };
}

std::vector<OptionSpec> times(Options& options) {
  OptionSpec idle = duration_option("-i,--idle-timeout", options.idle_timeout,
                                    "Close a client after this long without a byte either way");
  idle.aliases = "-t --timeout";
  return {
      std::move(idle),
      duration_option("--write-timeout", options.write_timeout,
                      "Reset a client that takes none of its bytes for this long"),
      duration_option("--max-lifetime", options.max_lifetime,
                      "Close a client this long after it connected"),
      duration_option("--keepalive", options.keepalive,
                      "Silence after which TCP keepalive asks whether a client is still there",
                      {.highest = kLongestKeepalive}),
      duration_option("--heartbeat", options.heartbeat,
                      "Interval of the \"Waiting for client\" lines"),
      duration_option("--drain-timeout", options.drain_timeout,
                      "How long clients are given to finish after a stop signal"),
      duration_option("--spin", options.spin,
                      "How long a worker polls before it blocks, where polling helps",
                      {.highest = 1s}),
      at_start(workers(options)),
      at_start(
          size_option("--stack-size", options.stack_size, "Stack of a worker thread", kStackSizes)),
  };
}

std::vector<OptionSpec> operation(Options& options) {
  OptionSpec level = choice_option("--log-level", "LEVEL", options.log.level, kLevels,
                                   "trace, debug, info, warning, error, critical or off");
  std::erase(level.choices, "warn");
  return {
      std::move(level),
      choice_option("--log-format", "FORMAT", options.log.format, kFormats,
                    "text, or json with one object per line"),
      file_option("--log-file", options.log.file,
                  "Append the log to FILE instead of standard error"),
      at_start(flag_option("-D,--daemon", options.daemon,
                           "Go to the background once clients can connect")),
      at_start(file_option("--pid-file", options.pid_file,
                           "Write the process id to FILE, locked while the server runs")),
      at_start(text_option("--user", "USER", "the name of a user", options.user,
                           "Run as USER, for good, once all addresses are bound")),
  };
}

}  // namespace

std::vector<OptionSpec> option_table(Options& options) {
  std::vector<OptionSpec> table;
  for (auto part : {listening(options), limits(options), times(options), operation(options)}) {
    for (OptionSpec& option : part) table.push_back(std::move(option));
  }
  return table;
}

std::vector<std::string> changed_but_need_restart(Options wanted, Options running) {
  const auto new_options = option_table(wanted);
  const auto old_options = option_table(running);
  std::vector<std::string> result;
  for (std::size_t i = 0; i < new_options.size(); ++i) {
    const OptionSpec& option = new_options[i];
    if (!option.reloadable && option.format() != old_options[i].format()) {
      result.push_back(option.key());
    }
  }
  return result;
}

}  // namespace echo
