#include "client/command_line/command_line.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace echo {
namespace {

using namespace std::chrono_literals;

Command parse(std::vector<std::string> arguments) {
  std::vector<const char*> argv{"echoc"};
  for (const auto& argument : arguments) argv.push_back(argument.c_str());
  return parse_command_line(static_cast<int>(argv.size()), argv.data());
}

std::string refusal(std::vector<std::string> arguments) {
  try {
    parse(std::move(arguments));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

TEST_CASE("an address alone is the command talk") {
  CHECK(std::get<TalkOptions>(parse({"127.0.0.1:7007"})).address.text() == "127.0.0.1:7007");
  CHECK(std::get<TalkOptions>(parse({"talk", "[::1]:7"})).address.text() == "[::1]:7");
  CHECK(std::get<TalkOptions>(parse({"--connect-timeout", "1s", ":7"})).connect_timeout == 1s);
}

TEST_CASE("ping takes its options before and after the address") {
  const auto options = std::get<PingOptions>(
      parse({"ping", "-n", "10k", "unix:/tmp/x", "-i", "10ms", "--size=4k", "--timeout", "0.5"}));
  REQUIRE(options.addresses.size() == 1);
  CHECK(options.addresses.front().path == "/tmp/x");
  CHECK(options.count == 10'000);
  CHECK(options.interval == 10ms);
  CHECK(options.size == 4096);
  CHECK(options.timeout == 500ms);
}

TEST_CASE("ping takes several addresses in their order") {
  const auto options = std::get<PingOptions>(parse({"ping", "b:7", "-q", "a:7", ":7"}));
  REQUIRE(options.addresses.size() == 3);
  CHECK(options.addresses[0].text() == "b:7");
  CHECK(options.addresses[1].text() == "a:7");
  CHECK(options.addresses[2].text() == ":7");
}

TEST_CASE("ping has the defaults that its help shows") {
  const auto options = std::get<PingOptions>(parse({"ping", ":7"}));
  CHECK(options.interval == 1s);
  CHECK(options.count == 0);
  CHECK(options.size == 64);
  CHECK(options.timeout == 5s);
}

TEST_CASE("load refuses what makes no sense") {
  CHECK(refusal({"load", ":7", "--slo", "p99<"}).starts_with("--slo: 'p99<' is not METRIC<LIMIT"));
  CHECK(refusal({"load", ":7", "--slo", "rate>0.9"}) ==
        "--slo: 'rate>0.9' is a share of --rate, which is missing");
  CHECK(refusal({"load", ":7", "--slo", "send_lateness.p99<1ms"}) ==
        "--slo: 'send_lateness.p99<1ms' needs --rate: without it no message is due at a time of "
        "its own");
  CHECK(refusal({"load", ":7", "-d", "36500d", "--warmup", "1d"}) ==
        "--ramp-up, --warmup and --duration are together longer than 36500 days");
  CHECK(refusal({"load", ":7", "-i", "9ms"}) == "--interval: '9ms' is too short: at least 10ms");
  CHECK(refusal({"load", ":7", "-c", "0"}) ==
        "--connections: '0' is not a number from 1 to 100000000");
  CHECK(refusal({"load", ":7", "-c", "1M"}) ==
        "--connections: 1000000 are more than 100000 in one process; --share gives each of several "
        "a part");
  CHECK(refusal({"load", ":7", "-c", "1M", "--share", "1/10"}) == "accepted");
  CHECK(refusal({"load", ":7", "--percentiles", "50,,99"}).starts_with("--percentiles: '' is not"));
  CHECK(refusal({"load", ":7", "--percentiles", "101"}).starts_with("--percentiles: '101' is not"));
  CHECK(refusal({"load", ":7", "--percentiles", "nan"}).starts_with("--percentiles: 'nan' is not"));
  CHECK(refusal({"load", ":7", "--source", "here"}).starts_with("--source: 'here' is not"));
  CHECK(refusal({"load", ":7", "-n", "5", "-d", "1s"}) ==
        "--count and --duration cannot both be given");
  CHECK(refusal({"load"}) == "ADDR is missing; see echoc load --help");
  CHECK(refusal({"merge"}) == "FILE is missing; see echoc merge --help");
}

TEST_CASE("load takes several targets with rounds and refuses what they cannot have") {
  const auto plan = std::get<LoadPlan>(parse({"load", ":7", "-c", "2", "unix:/b", ":9"}));
  REQUIRE(plan.targets.size() == 3);
  CHECK(plan.address.text() == plan.targets[0].text());
  CHECK(plan.targets[1].path == "/b");
  CHECK(plan.targets[2].port == 9);
  CHECK(plan.effective_rounds() == 5);
  CHECK_FALSE(std::get<LoadPlan>(parse({"load", ":7"})).has_several_targets());
  CHECK(refusal({"load", ":7", "--rounds", "3"}) ==
        "--rounds needs several addresses, which take turns: echoc load ADDR ADDR...");
  CHECK(refusal({"load", ":7", ":8", "--rounds", "0"}) ==
        "--rounds: '0' is not a number from 1 to 100");
  std::vector<std::string> many{"load", "--rounds", "100"};
  many.insert(many.end(), 10, ":7");
  CHECK(std::get<LoadPlan>(parse(many)).effective_rounds() == 100);
  many.emplace_back(":7");
  CHECK(refusal(many) == "--rounds 100 of 11 addresses are 1100 runs; at most 1000 can be kept");
  for (const std::string option : {"--csv", "--hlog", "--hgrm"}) {
    CHECK(refusal({"load", ":7", ":8", option, "f"}) ==
          option + " f holds one run, and 2 addresses have several: use --json, or one address");
  }
  for (const auto& [option, value] : {std::pair("--share", "1/2"), {"--start-at", "@4000000000"}}) {
    CHECK(refusal({"load", ":7", ":8", option, value}) ==
          std::string(option) + " goes with one address, and there are 2, which take turns");
  }
  CHECK(refusal({"load", ":7", ":0"}).starts_with("ADDR: ':0' has port 0"));
}

TEST_CASE("idle refuses what makes no sense") {
  const auto idle = [](std::vector<std::string> words) {
    words.insert(words.begin(), "idle");
    return refusal(std::move(words));
  };
  CHECK(idle({":7"}) == "accepted");
  CHECK(idle({":7", "--bisect", "--to", "10m"}) == "accepted");
  CHECK(idle({}) == "ADDR is missing; see echoc idle --help");
  CHECK(idle({":7", ":x"}).starts_with("ADDR: ':x' is not an address such as"));
  CHECK(idle({":7", "--gaps", "30s,x"}).starts_with("--gaps: 'x' is not a duration such as"));
  CHECK(idle({":7", "--gaps", "30s,,1m"}).starts_with("--gaps: '' is not a duration such as"));
  CHECK(idle({":7", "--gaps", "0"}) ==
        "--gaps: '0' is not a silence longer than zero, such as 30s");
  CHECK(idle({":7", "--require", "0s"}) ==
        "--require: '0s' is not a silence longer than zero, such as 30s");
  CHECK(idle({":7", "--gaps", "1s", "--bisect"}) == "--gaps and --bisect cannot both be given");
  CHECK(idle({":7", "--from", "1s"}) == "--from belongs to a search: give --bisect too");
  CHECK(idle({":7", "--bisect", "--from", "1m", "--to", "60s"}) ==
        "--from: '1m' is not shorter than --to, which is '1m'");
  CHECK(idle({":7", "--bisect", "--precision", "1us"}) ==
        "--precision: '1us' is too short: at least 1ms");
  CHECK(idle({":7", "--keepalive", "1500ms"}) ==
        "--keepalive: '1500ms' is not a number of whole seconds");
  CHECK(idle({":7", "--keepalive", "10h"}) == "--keepalive: '10h' is too long: at most 9h");
  CHECK(idle({"unix:/s", "--keepalive", "1s"}) ==
        "--keepalive: 'unix:/s' is a unix socket, and only TCP has keepalive");
}

TEST_CASE("load refuses a start that has passed and a label that is none") {
  CHECK(refusal({"load", ":7", "--start-at", "@1"}).starts_with("--start-at: '@1' has passed, "));
  CHECK(
      refusal({"load", ":7", "--start-at", "now"}).starts_with("--start-at: 'now' is not a time"));
  CHECK(refusal({"load", ":7", "--label", ""}) == "--label: '' is not a name");
  CHECK(refusal({"load", ":7", "--label", "\xff"}).ends_with(" is not UTF-8"));
  CHECK(refusal({"load", ":7", "--label", std::string(101, 'x')})
            .ends_with("' is longer than 100 bytes"));
  CHECK(refusal({"load", ":7", "--label", std::string(100, 'x')}) == "accepted");
}

TEST_CASE("a size that is not one is told what would be right") {
  const auto said = [](const std::string& size) {
    return refusal({"load", ":7", "--size=" + size});
  };
  const std::string sizes = " is not a size such as 512 or 4k, or a range such as 64-4k";
  for (const std::string size : {"64-", "-64", "x", "", "64-4k-8k", "64 - 4k"}) {
    CHECK(said(size) == "--size: '" + size + "'" + sizes);
  }
  CHECK(said("4k-64") == "--size: '4k-64'" + sizes + ": it ends below its beginning");
  CHECK(said("0") == "--size: '0'" + sizes + ": a message has 1 byte to 1G");
  CHECK(said("1-2G") == "--size: '1-2G'" + sizes + ": a message has 1 byte to 1G");
}

TEST_CASE("help and version are texts") {
  CHECK(std::get<ShowText>(parse({"--help"})).text.find("  ping ") != std::string::npos);
  CHECK(std::get<ShowText>(parse({"ping", "-h"})).text.find("--interval") != std::string::npos);
  CHECK(std::get<ShowText>(parse({":7", "-h"})).text.starts_with("Usage: echoc talk"));
  CHECK(std::get<ShowText>(parse({"-V"})).text == "echoc " ECHO_VERSION "\n");
  CHECK(std::get<ShowText>(parse({"load", "--dump-options"})).text.starts_with("{"));
}

TEST_CASE("a refusal is one line that names the option and the value and what would be right") {
  CHECK(refusal({"ping", ":7", "-i", "-1s"}).starts_with("--interval: '-1s' is not a duration"));
  CHECK(refusal({"ping", ":7", "-i", "0"}).starts_with("--interval: '0' is not a duration"));
  for (const char* value : {"2s", "x", "-1us"}) {
    const std::string line = refusal({"load", ":7", "--spin", value});
    CHECK(line.starts_with("--spin: '" + std::string(value) + "' is "));
    CHECK(line.find('\n') == line.npos);
  }
  CHECK(refusal({"ping", ":7", "-s", ""}).starts_with("--size: '' is not a size such as"));
  CHECK(refusal({"ping", ":7", "-n", "0"}) == "--count: '0' is too small: at least 1");
  CHECK(refusal({":80abc"}).starts_with("ADDR: ':80abc' is not an address such as"));
  CHECK(refusal({"localhost"}).ends_with("the port is missing"));
  CHECK(refusal({"ping", "tcp://127.0.0.1:7"}).ends_with(": write 127.0.0.1:7"));
  CHECK(refusal({"ping", "127.0.0.1:0"}).starts_with("ADDR: '127.0.0.1:0' has port 0"));
  CHECK(refusal({"load", ":0"}).starts_with("ADDR: ':0' has port 0"));
  CHECK(refusal({}).starts_with("the server's address is missing, such as 127.0.0.1:7007"));
}

TEST_CASE("an option that is not known is named with the one that was meant") {
  CHECK(refusal({"load", "--rps", "5", ":7"}) == "unknown option '--rps'; did you mean '--rate'?");
  CHECK(refusal({"load", ":7", "--conections=5"}) ==
        "unknown option '--conections'; did you mean '--connections'?");
  CHECK(refusal({"ping", "a:7", "b:7", "a:7"}) == "ADDR: 'a:7' is given twice; give it once");
  CHECK(refusal({"ping", "-w", "3"}) == "unknown option '-w'; did you mean '--timeout'?");
  CHECK(refusal({"ping", "--intervall", "3", ":7"}) ==
        "unknown option '--intervall'; did you mean '--interval'?");
  CHECK(refusal({"talk", ":7", "--connect-timeot", "3"}) ==
        "unknown option '--connect-timeot'; did you mean '--connect-timeout'?");
  CHECK(refusal({"merge", "--percentile", "3", "f"}) ==
        "unknown option '--percentile'; did you mean '--percentiles'?");
}

TEST_CASE("a command that is not known is named with the one that was meant") {
  CHECK(refusal({"lod", ":7"}) == "unknown command 'lod'; did you mean 'load'?");
  CHECK(refusal({"pign", ":7"}) == "unknown command 'pign'; did you mean 'ping'?");
  CHECK(refusal({"benchmark", ":7"}) == "unknown command 'benchmark'; see echoc --help");
  CHECK(refusal({"nonsense"}).starts_with("ADDR: 'nonsense' is not an address such as"));
  CHECK(refusal({""}).starts_with("ADDR: '' is not an address such as"));
}

TEST_CASE("what is unknown or missing is named together with where help is") {
  CHECK(refusal({"--bogus"}) == "unknown option '--bogus'; see echoc talk --help");
  CHECK(refusal({"ping", "--bogus", ":7"}) == "unknown option '--bogus'; see echoc ping --help");
  CHECK(refusal({":7", "more"}) == "unexpected argument 'more'; see echoc talk --help");
  CHECK(refusal({"ping", ":7", "--count"}) == "--count needs a value");
  CHECK(refusal({"ping"}) == "ADDR is missing; see echoc ping --help");
  CHECK(refusal({"--version", "more"}) == "accepted");
}

}  // namespace
}  // namespace echo
