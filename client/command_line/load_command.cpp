#include "client/command_line/load_command.h"

#include <fmt/format.h>

#include <charconv>
#include <functional>
#include <stdexcept>
#include <string_view>

#include <CLI/CLI.hpp>
#include <asio/ip/address.hpp>

#include "client/command_line/option_parsing.h"
#include "common/units.h"

namespace echo::load {
namespace {

constexpr std::uint64_t kMostAtOnce = 100'000;

// Each has histograms of 300 KiB, which are merged while the next ones fill.
constexpr std::chrono::milliseconds kShortestInterval{10};

constexpr std::uint64_t kHighestRate = 1'000'000'000;  // a message a nanosecond

constexpr std::string_view kLoadFooter = R"(
Without --rate each connection sends when its answer is there (closed loop); with
it each message has its time, and latency counts from that time, however late the
message left (open loop). Every byte that comes back is compared. All connections
stand before the clock starts; ramp-up and warm-up come before the measuring.

Objectives: METRIC<LIMIT (also <= > >=), several with commas or options
  p50 p99.9 min mean max      with a duration: p99<5ms
  connect.p99 service_time.p99 send_lateness.p99 and the like: connect.p99<50ms
  errors                      with a number or a percentage: errors<0.1%
  rate                        messages a second, or a share of --rate: rate>0.98
Exit status: 0 good, 1 connections or messages failed (unless an errors objective
  judges them), 2 usage, 3 an objective was missed, 4 bytes came back wrong,
  130 interrupted; what was measured is reported all the same

Examples:
  echoc load :7007
  echoc load -c 100 -d 30s -r 20k -s 512 --slo 'p99<5ms,errors<0.1%' 10.0.0.1:7007
  echoc load -c 50 --messages-per-connection 1 --json result.json :7007)";

constexpr std::string_view kMergeFooter = R"(
Examples:
  echoc load -r 1000 --hlog a.hlog :7007
  echoc merge a.hlog b.hlog)";

void for_each_part(std::string_view list, const std::function<void(std::string_view)>& take) {
  while (true) {
    const std::size_t comma = list.find(',');
    take(list.substr(0, comma));
    if (comma == list.npos) return;
    list.remove_prefix(comma + 1);
  }
}

double parse_percentile(std::string_view text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0 || value > 100) {
    throw std::invalid_argument(
        fmt::format("'{}' is not a percentile from 0 to 100, such as 99.9", text));
  }
  return value;
}

void add_percentiles(CLI::App& app, std::vector<double>& percentiles) {
  add_text(
      app, "--percentiles", "LIST",
      [&percentiles](const std::string& text) {
        percentiles.clear();
        for_each_part(text, [&](auto part) { percentiles.push_back(parse_percentile(part)); });
      },
      "Which ones to report", "50,90,99,99.9,99.99");
}

std::uint64_t at_most(std::uint64_t value, std::uint64_t most, const std::string& text) {
  if (value > most) {
    throw std::invalid_argument(fmt::format("'{}' is too many: at most {}", text, most));
  }
  return at_least_one(value, text);
}

void parse_sizes(LoadOptions& options, const std::string& text) {
  const std::size_t dash = text.find('-', 1);
  options.smallest = at_least_one(parse_size(text.substr(0, dash)), text);
  options.largest = dash == text.npos ? options.smallest : parse_size(text.substr(dash + 1));
  if (options.largest < options.smallest) {
    throw std::invalid_argument(
        fmt::format("'{}' is not a range such as 64-4k: its end is below its beginning", text));
  }
}

void parse_rate(LoadOptions& options, const std::string& text) {
  options.rate = parse_count(text);
  if (options.rate > kHighestRate) at_most(options.rate, kHighestRate, text);
}

void parse_source(LoadOptions& options, const std::string& text) {
  asio::error_code error;
  asio::ip::make_address(text, error);
  if (error) {
    throw std::invalid_argument(
        fmt::format("'{}' is not an address of this machine, such as 127.0.0.2", text));
  }
  options.sources.push_back(text);
}

void add_what(CLI::App& app, LoadOptions& options) {
  add_text(
      app, "-c,--connections", "N",
      [&](const auto& text) {
        options.connections = at_most(parse_count(text), kMostAtOnce, text);
      },
      "Connections", "10");
  auto* duration = add_duration(app, "-d,-t,--duration", options.duration, "How long to measure");
  add_count(app, "-n,--count", options.count, "So many messages in all, in place of a duration",
            "off")
      ->excludes(duration);
  add_text(
      app, "-r,--rate", "R", [&](const auto& text) { parse_rate(options, text); },
      "Messages a second in all; 0: as fast as answers come", "0");
  add_text(
      app, "-s,--size", "SIZE", [&](const auto& text) { parse_sizes(options, text); },
      "Bytes of a message, or a range such as 64-4k", "64");
  add_text(
      app, "--pipeline", "N",
      [&](const auto& text) { options.pipeline = at_most(parse_count(text), kMostAtOnce, text); },
      "Messages outstanding on a connection", "1");
  add_count(app, "--messages-per-connection", options.messages_per_connection,
            "Connect anew after so many; 0: never", "0", Zero::allowed);
  add_duration(app, "--ramp-up", options.ramp_up, "Connections join in over so long",
               Zero::allowed);
  add_duration(app, "--warmup", options.warmup, "Not in the results", Zero::allowed);
  add_duration(app, "--timeout", options.timeout, "How long to wait for an answer");
  add_connect_timeout(app, options.connect_timeout);
}

void add_how(CLI::App& app, LoadOptions& options) {
  add_text(
      app, "-w,--threads", "N",
      [&](const auto& text) { options.threads = at_most(parse_count(text), 1024, text); },
      "Threads", "one a core");
  add_text(
      app, "--source", "IP", [&](const auto& text) { parse_source(options, text); },
      "Address to connect from; several take turns")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_count(app, "--seed", options.seed, "Repeats the same payloads and sizes", "1", Zero::allowed);
}

void add_interval(CLI::App& app, LoadOptions& options) {
  const auto parse = [&options](const std::string& text) {
    options.interval = parse_duration(text);
    if (options.interval < kShortestInterval) {
      throw std::invalid_argument(fmt::format("'{}' is too short: at least 10ms", text));
    }
    options.interval_asked = true;
  };
  add_text(app, "-i,--interval", "D", parse,
           "From one live line to the next; asks for them where there is no terminal",
           duration_text(options.interval));
}

void add_results(CLI::App& app, LoadOptions& options) {
  const auto add_file = [&app](const std::string& name, std::string& path,
                               const std::string& help) {
    add_text(
        app, name, "FILE",
        [&path](const std::string& text) {
          if (text.empty()) throw std::invalid_argument("'' is not the name of a file");
          path = text;
        },
        help);
  };
  add_percentiles(app, options.percentiles);
  add_file("--json", options.json, "Result as JSON; - for standard output in place of the text");
  add_file("--hlog", options.hlog, "Histogram of each interval; see echoc merge");
  add_file("--hgrm", options.hgrm, "Percentile distribution, in milliseconds");
  add_file("--csv", options.csv, "A row an interval, times in microseconds");
  add_interval(app, options);
  add_text(
      app, "--slo", "EXPR",
      [&](const std::string& text) {
        for_each_part(text,
                      [&](auto part) { options.objectives.push_back(Objective::parse(part)); });
      },
      "Objective that gives exit status 3 when it is missed, such as p99<5ms")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_flag("-q,--quiet", options.quiet, "No report and no live lines");
}

void check_objectives(const LoadOptions& options) {
  for (const Objective& objective : options.objectives) {
    if (objective.kind == Objective::Kind::rate_share && !options.open_loop()) {
      throw CLI::ValidationError(
          "--slo", fmt::format("'{}' is a share of --rate, which is missing", objective.text));
    }
  }
}

}  // namespace

void add_load(CLI::App& program, LoadOptions& options) {
  CLI::App& app = *program.add_subcommand(
      "load", "Many verified messages on many connections, and what they measured");
  app.footer(std::string(kLoadFooter));
  add_address(app, options.address);
  add_what(app, options);
  add_how(app, options);
  add_results(app, options);
  app.final_callback([&options] { check_objectives(options); });
}

void add_merge(CLI::App& program, MergeOptions& options) {
  CLI::App& app =
      *program.add_subcommand("merge", "Adds up .hlog files of load and reports their times");
  app.footer(std::string(kMergeFooter));
  add_text(
      app, "FILE", "", [&](const std::string& text) { options.files.push_back(text); },
      ".hlog files")
      ->required()
      ->expected(1, 1000)
      ->allow_extra_args();
  add_percentiles(app, options.percentiles);
  add_text(
      app, "--hgrm", "FILE", [&](const std::string& text) { options.hgrm = text; },
      "Percentile distribution, in milliseconds");
}

}  // namespace echo::load
