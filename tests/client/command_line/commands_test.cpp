#include "client/command_line/commands.h"

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "client/command_line/command_line.h"

namespace echo {
namespace {

using namespace std::chrono_literals;

// A value of an option, and whether it is what the options have.
template <typename Options>
struct Sample {
  std::string value;
  std::function<bool(const Options&)> is_taken;
  std::vector<std::string> with = {};  // further words without which it makes no sense
};
template <typename Options>
using Samples = std::map<std::string, Sample<Options>>;

template <typename Options>
Options parse_as(const std::string& command, const std::vector<std::string>& words) {
  std::vector<const char*> argv{"echoc", command.c_str()};
  for (const std::string& word : words) argv.push_back(word.c_str());
  return std::get<Options>(parse_command_line(static_cast<int>(argv.size()), argv.data()));
}

// That each name of each option leads to its field; `argument` is what the command cannot do
// without.
template <typename Options>
void check_all(const CommandSpec& command, const std::string& argument,
               const Samples<Options>& samples) {
  const Options defaults = parse_as<Options>(command.name, {argument});
  for (const OptionSpec& option : command.options) {
    const std::string key = option.long_name();
    CAPTURE(key);
    REQUIRE(samples.count(key) == 1);
    const auto& [value, is_taken, with] = samples.at(key);
    CHECK_FALSE(is_taken(defaults));
    if (option.is_positional()) {
      CHECK(is_taken(parse_as<Options>(command.name, {value})));
      continue;
    }
    for (const std::string& name : option.all_names()) {
      std::vector<std::string> given{argument, name};
      if (!option.is_flag()) given.push_back(value);
      given.insert(given.end(), with.begin(), with.end());
      CHECK(is_taken(parse_as<Options>(command.name, given)));
    }
  }
  CHECK(samples.size() == command.options.size());
}

TEST_CASE("every option of talk reaches its field") {
  TalkOptions options;
  check_all<TalkOptions>(
      talk_command(options), ":7",
      {{"ADDR", {"[::1]:8", [](const auto& o) { return o.address.text() == "[::1]:8"; }}},
       {"--connect-timeout", {"1s", [](const auto& o) { return o.connect_timeout == 1s; }}},
       {"--timeout", {"0", [](const auto& o) { return o.timeout == 0s; }}}});
}

TEST_CASE("every option of ping reaches its field") {
  PingOptions options;
  check_all<PingOptions>(
      ping_command(options), ":7",
      {{"ADDR", {"unix:/s", [](const auto& o) { return o.addresses.back().path == "/s"; }}},
       {"--interval", {"10ms", [](const auto& o) { return o.interval == 10ms; }}},
       {"--count", {"10k", [](const auto& o) { return o.count == 10'000; }}},
       {"--size", {"4k", [](const auto& o) { return o.size == 4096; }}},
       {"--timeout", {"0.5", [](const auto& o) { return o.timeout == 500ms; }}},
       {"--connect-timeout", {"1s", [](const auto& o) { return o.connect_timeout == 1s; }}},
       {"--dscp", {"af41", [](const auto& o) { return o.socket.dscp == 34U; }}},
       {"--congestion", {"reno", [](const auto& o) { return o.socket.congestion == "reno"; }}},
       {"--send-buffer", {"64k", [](const auto& o) { return o.socket.send_buffer == 65'536; }}},
       {"--receive-buffer", {"1k", [](const auto& o) { return o.socket.receive_buffer == 1024; }}},
       {"--no-nodelay", {"", [](const auto& o) { return o.socket.no_nodelay; }}},
       {"--seed", {"7", [](const auto& o) { return o.seed == 7; }}},
       {"--metrics", {":9108", [](const auto& o) { return o.metrics && o.metrics->port == 9108; }}},
       {"--timestamps", {"", [](const auto& o) { return o.timestamps; }}},
       {"--quiet", {"", [](const auto& o) { return o.quiet; }}}});
}

TEST_CASE("every option of load reaches its field") {
  LoadPlan plan;
  check_all<LoadPlan>(
      load_command(plan), ":7",
      {{"ADDR", {"h:8", [](const auto& p) { return p.address.host == "h"; }}},
       {"--connections", {"50", [](const auto& p) { return p.connections == 50; }}},
       {"--duration", {"1min", [](const auto& p) { return p.duration == 1min; }}},
       {"--count", {"5k", [](const auto& p) { return p.count == 5000; }}},
       {"--rate", {"20k", [](const auto& p) { return p.rate == 20'000 && p.open_loop(); }}},
       {"--size", {"32-4k", [](const auto& p) { return p.smallest == 32 && p.largest == 4096; }}},
       {"--pipeline", {"8", [](const auto& p) { return p.pipeline == 8; }}},
       {"--messages-per-connection",
        {"3", [](const auto& p) { return p.messages_per_connection == 3; }}},
       {"--ramp-up", {"1s", [](const auto& p) { return p.ramp_up == 1s; }}},
       {"--warmup", {"2s", [](const auto& p) { return p.warmup == 2s; }}},
       {"--timeout", {"3s", [](const auto& p) { return p.timeout == 3s; }}},
       {"--connect-timeout", {"4s", [](const auto& p) { return p.connect_timeout == 4s; }}},
       {"--rounds", {"3", [](const auto& p) { return p.rounds == 3; }, {":8"}}},
       {"--threads", {"2", [](const auto& p) { return p.threads == 2; }}},
       {"--spin", {"1s", [](const auto& p) { return p.spin == 1s && !p.spin_adaptive; }}},
       {"--source",
        {"127.0.0.2",
         [](const auto& p) { return p.sources == std::vector<std::string>{"127.0.0.2"}; }}},
       {"--dscp", {"af41", [](const auto& o) { return o.socket.dscp == 34U; }}},
       {"--congestion", {"reno", [](const auto& o) { return o.socket.congestion == "reno"; }}},
       {"--send-buffer", {"64k", [](const auto& o) { return o.socket.send_buffer == 65'536; }}},
       {"--receive-buffer", {"1k", [](const auto& o) { return o.socket.receive_buffer == 1024; }}},
       {"--no-nodelay", {"", [](const auto& o) { return o.socket.no_nodelay; }}},
       {"--seed", {"7", [](const auto& p) { return p.seed == 7; }}},
       {"--share",
        {"2/3",
         [](const auto& p) {
           return p.share == Share{2, 3};
         }}},
       {"--start-at", {"@4000000000", [](const auto& p) { return p.start_at.has_value(); }}},
       {"--label", {"node", [](const auto& p) { return p.label == "node"; }}},
       {"--percentiles",
        {"50,99.5",
         [](const auto& p) {
           return p.percentiles == std::vector<double>{50, 99.5};
         }}},
       {"--json", {"j", [](const auto& p) { return p.json == "j"; }}},
       {"--hlog", {"l", [](const auto& p) { return p.hlog == "l"; }}},
       {"--hgrm", {"g", [](const auto& p) { return p.hgrm == "g"; }}},
       {"--no-picture", {"", [](const auto& p) { return p.no_picture; }}},
       {"--csv", {"c", [](const auto& p) { return p.csv == "c"; }}},
       {"--interval",
        {"100ms", [](const auto& p) { return p.interval == 100ms && p.interval_asked; }}},
       {"--slo", {"p99<5ms,errors<1%", [](const auto& p) { return p.objectives.size() == 2; }}},
       {"--find-rate",
        {"p99<5ms,errors<1%", [](const auto& p) { return p.find_rate.objectives.size() == 2; }}},
       {"--from",
        {"0.5", [](const auto& p) { return p.find_rate.from == 0.5; }, {"--find-rate", "p50<1s"}}},
       {"--to",
        {"20k", [](const auto& p) { return p.find_rate.to == 20'000; }, {"--find-rate", "p50<1s"}}},
       {"--precision",
        {"5%",
         [](const auto& p) { return p.find_rate.precision == 0.05; },
         {"--find-rate", "p50<1s"}}},
       {"--require-rate",
        {"2k",
         [](const auto& p) { return p.find_rate.required == 2000; },
         {"--find-rate", "p50<1s"}}},
       {"--quiet", {"", [](const auto& p) { return p.quiet; }}}});
}

TEST_CASE("every option of idle reaches its field") {
  idle::Options options;
  auto command = idle_command(options);
  using Gaps = std::vector<std::chrono::nanoseconds>;
  const Samples<idle::Options> samples{
      {"ADDR",
       {"h:8", [](const auto& o) { return o.addresses.size() == 1 && o.addresses[0].port == 8; }}},
      {"--gaps",
       {"1s,2m",
        [](const auto& o) {
          return o.gaps == Gaps{1s, 2min};
        }}},
      {"--bisect", {"", [](const auto& o) { return o.bisect; }}},
      {"--keepalive", {"30", [](const auto& o) { return o.keepalive == 30s; }}},
      {"--require", {"5m", [](const auto& o) { return o.require == 5min; }}},
      {"--timeout", {"3s", [](const auto& o) { return o.timeout == 3s; }}},
      {"--connect-timeout", {"4s", [](const auto& o) { return o.connect_timeout == 4s; }}},
      {"--json", {"j", [](const auto& o) { return o.json == "j"; }}},
      {"--dscp", {"af41", [](const auto& o) { return o.socket.dscp == 34U; }}},
      {"--congestion", {"reno", [](const auto& o) { return o.socket.congestion == "reno"; }}},
      {"--send-buffer", {"64k", [](const auto& o) { return o.socket.send_buffer == 65'536; }}},
      {"--receive-buffer", {"1k", [](const auto& o) { return o.socket.receive_buffer == 1024; }}},
      {"--no-nodelay", {"", [](const auto& o) { return o.socket.no_nodelay; }}},
      {"--seed", {"7", [](const auto& o) { return o.seed == 7; }}}};
  // The others need --bisect beside them.
  std::erase_if(command.options, [](const OptionSpec& option) {
    return option.names == "--from" || option.names == "--to" || option.names == "--precision";
  });
  check_all<idle::Options>(command, ":7", samples);
  const auto search = parse_as<idle::Options>(
      "idle", {":7", ":8", "--bisect", "--from", "1s", "--to", "9s", "--precision", "100ms"});
  CHECK(search.from == 1s);
  CHECK(search.to == 9s);
  CHECK(search.precision == 100ms);
  CHECK(search.addresses.size() == 2);
}

TEST_CASE("what makes no sense beside a search for a rate is refused") {
  const std::vector<std::vector<std::string>> refused{
      {":7", "--from", "10"},
      {":7", "--to", "10"},
      {":7", "--precision", "2%"},
      {":7", "--require-rate", "10"},
      {":7", "--find-rate", "p99<1s", "-n", "5"},
      {":7", "--find-rate", "p99<1s", "-r", "5"},
      {":7", "--find-rate", "p99<1s", "--share", "1/2"},
      {":7", "--find-rate", "p99<1s", "--start-at", "@4000000000"},
      {":7", ":8", "--find-rate", "p99<1s"},
      {":7", "--find-rate", "p99<1s", "--from", "10", "--to", "5"},
      {":7", "--find-rate", "p99<1s", "--precision", "0.02"},
      {":7", "--find-rate", "p99<1s", "--from", "0"}};
  for (const auto& words : refused) {
    CAPTURE(words[1]);
    CHECK_THROWS_AS(parse_as<LoadPlan>("load", words), UsageError);
  }
}

TEST_CASE("every option of merge reaches its field") {
  MergeOptions options;
  check_all<MergeOptions>(
      merge_command(options), "f",
      {{"FILE", {"g", [](const auto& o) { return o.files == std::vector<std::string>{"g"}; }}},
       {"--percentiles",
        {"7", [](const auto& o) { return o.percentiles == std::vector<double>{7}; }}},
       {"--slo", {"p99<5ms", [](const auto& o) { return o.objectives.size() == 1; }}},
       {"--expect", {"3", [](const auto& o) { return o.expect == 3; }}},
       {"--json", {"j", [](const auto& o) { return o.json == "j"; }}},
       {"--hgrm", {"h", [](const auto& o) { return o.hgrm == "h"; }}},
       {"--no-picture", {"", [](const auto& o) { return o.no_picture; }}}});
}

TEST_CASE("every option of report reaches its field") {
  ReportOptions options;
  CHECK(report_command(options).options.size() == 2);
  options = parse_as<ReportOptions>("report", {"a", "-o", "page", "-"});
  CHECK(options.files == std::vector<std::string>{"a", "-"});
  CHECK(options.output == "page");
}

TEST_CASE("every option of compare reaches its field") {
  const auto with = [](std::vector<std::string> words) {
    for (const char* word : {"b", "--", "n"}) words.emplace_back(word);
    return parse_as<CompareOptions>("compare", words);
  };
  CompareOptions options;
  CHECK(compare_command(options).options.size() == 5);
  CHECK(with({"a"}).base == std::vector<std::string>{"a", "b"});
  CHECK(with({}).next == std::vector<std::string>{"n"});
  CHECK(with({"--fail", "p99>+10%,rate<-5%", "--fail", "max>1%"}).fail.size() == 3);
  CHECK(with({"--force"}).force);
  CHECK(with({"--markdown"}).markdown);
  CHECK(with({"--json", "j"}).json == "j");
  const CompareOptions defaults = with({});
  CHECK_FALSE(defaults.force);
  CHECK_FALSE(defaults.markdown);
  CHECK(defaults.json.empty());
  CHECK(defaults.fail.empty());
}

TEST_CASE("the options of compare stand on both sides of the separator") {
  const auto options =
      parse_as<CompareOptions>("compare", {"-", "b", "--", "c", "--json", "j", "d", "--force"});
  CHECK(options.base == std::vector<std::string>{"-", "b"});
  CHECK(options.next == std::vector<std::string>{"c", "d"});
  CHECK(options.json == "j");
  CHECK(options.force);
}

TEST_CASE("a random seed can be given again, also as a reader of JSON with doubles shows it") {
  for (int i = 0; i < 64; ++i) {
    const std::uint64_t drawn = LoadPlan().seed;
    CHECK(static_cast<std::uint64_t>(static_cast<double>(drawn)) == drawn);
    const auto plan = parse_as<LoadPlan>("load", {":7", "--seed", std::to_string(drawn)});
    CHECK(plan.seed == drawn);
  }
}

TEST_CASE("a source goes with TCP only") {
  CHECK_THROWS_WITH_AS(parse_as<LoadPlan>("load", {"unix:/s", "--source", "127.0.0.1"}),
                       "--source is of TCP, and unix:/s is a unix socket", UsageError);
}

TEST_CASE("compare needs one separator and files on both sides") {
  const auto refusal = [](const std::vector<std::string>& words) -> std::string {
    try {
      parse_as<CompareOptions>("compare", words);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  const std::string missing = " missing: echoc compare BASE... -- NEW...";
  CHECK(refusal({"a", "b"}) == "-- between the two sides is" + missing);
  CHECK(refusal({"--", "b"}) == "BASE before -- is" + missing);
  CHECK(refusal({"a", "--"}) == "NEW behind -- is" + missing);
  CHECK(refusal({"a", "--", "b", "--", "c"}) ==
        "-- is given twice; it stands once, between BASE and NEW");
  CHECK(refusal({"", "--", "b"}) == "FILE: '' is not the name of a file");
  CHECK(refusal({"a", "--", ""}) == "FILE: '' is not the name of a file");
  CHECK(refusal({"--json", "", "a", "--", "b"}) == "--json: '' is not the name of a file");
}

TEST_CASE("options that are given again add up where there may be several") {
  const auto plan =
      parse_as<LoadPlan>("load", {":7", "-r", "1", "--source", "127.0.0.2", "--source", "::1",
                                  "--slo", "p99<5ms", "--slo", "rate>0.98"});
  CHECK(plan.sources == std::vector<std::string>{"127.0.0.2", "::1"});
  CHECK(plan.objectives.size() == 2);
  CHECK(parse_as<MergeOptions>("merge", {"a", "b", "c"}).files.size() == 3);
}

TEST_CASE("the default that the help shows is the one that holds") {
  LoadPlan plan;
  PingOptions ping;
  idle::Options idle;
  for (const CommandSpec& command : {load_command(plan), ping_command(ping), idle_command(idle)}) {
    for (const OptionSpec& option : command.options) {
      CAPTURE(option.names);
      if (option.initial.empty() || option.initial == "one per core" ||
          option.initial == "adaptive" || option.initial == "endless" ||
          option.initial == "random" || option.initial == "twice a closed loop") {
        continue;
      }
      CHECK(option.initial == option.format());
      option.assign({option.initial});
      CHECK(option.initial == option.format());
    }
  }
}

}  // namespace
}  // namespace echo
