#include "client/command_line/options.h"

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
  CHECK(options.address.path == "/tmp/x");
  CHECK(options.count == 10'000);
  CHECK(options.interval == 10ms);
  CHECK(options.size == 4096);
  CHECK(options.timeout == 500ms);
}

TEST_CASE("ping has the defaults that its help shows") {
  const auto options = std::get<PingOptions>(parse({"ping", ":7"}));
  CHECK(options.interval == 1s);
  CHECK(options.count == 0);
  CHECK(options.size == 64);
  CHECK(options.timeout == 5s);
}

TEST_CASE("load takes all that its contract names") {
  const auto options = std::get<load::LoadOptions>(parse({"load",
                                                          ":7",
                                                          "-c",
                                                          "50",
                                                          "-t",
                                                          "1m",
                                                          "-r",
                                                          "20k",
                                                          "-s",
                                                          "64-4k",
                                                          "--pipeline",
                                                          "8",
                                                          "--messages-per-connection",
                                                          "3",
                                                          "--ramp-up",
                                                          "1s",
                                                          "--warmup",
                                                          "2s",
                                                          "-w",
                                                          "2",
                                                          "--source",
                                                          "127.0.0.2",
                                                          "--source",
                                                          "127.0.0.3",
                                                          "--seed",
                                                          "7",
                                                          "--percentiles",
                                                          "50,99.5",
                                                          "-i",
                                                          "100ms",
                                                          "--slo",
                                                          "p99<5ms,errors<1%",
                                                          "--slo",
                                                          "rate>0.98",
                                                          "-q"}));
  CHECK(options.connections == 50);
  CHECK(options.duration == 1min);
  CHECK(options.rate == 20'000);
  CHECK(options.smallest == 64);
  CHECK(options.largest == 4096);
  CHECK(options.pipeline == 8);
  CHECK(options.messages_per_connection == 3);
  CHECK(options.ramp_up == 1s);
  CHECK(options.warmup == 2s);
  CHECK(options.threads == 2);
  CHECK(options.sources == std::vector<std::string>{"127.0.0.2", "127.0.0.3"});
  CHECK(options.seed == 7);
  CHECK(options.percentiles == std::vector<double>{50, 99.5});
  CHECK(options.interval == 100ms);
  CHECK(options.interval_asked);
  CHECK(options.objectives.size() == 3);
  CHECK(options.quiet);
}

TEST_CASE("load refuses what makes no sense") {
  CHECK(refusal({"load", ":7", "--slo", "p99<"}).starts_with("--slo: 'p99<' is not METRIC<LIMIT"));
  CHECK(refusal({"load", ":7", "--slo", "rate>0.9"}) ==
        "--slo: 'rate>0.9' is a share of --rate, which is missing");
  CHECK(refusal({"load", ":7", "-s", "4k-64"}).find("is not a range") != std::string::npos);
  CHECK(refusal({"load", ":7", "-i", "9ms"}) == "-i,--interval: '9ms' is too short: at least 10ms");
  CHECK(refusal({"load", ":7", "-c", "0"}) == "-c,--connections: '0' is too small: at least 1");
  CHECK(refusal({"load", ":7", "-c", "1M"}) ==
        "-c,--connections: '1M' is too many: at most 100000");
  CHECK(refusal({"load", ":7", "--percentiles", "50,,99"}).starts_with("--percentiles: '' is not"));
  CHECK(refusal({"load", ":7", "--percentiles", "101"}).starts_with("--percentiles: '101' is not"));
  CHECK(refusal({"load", ":7", "--source", "here"}).starts_with("--source: 'here' is not"));
  CHECK(refusal({"load", ":7", "-n", "5", "-d", "1s"}).find("excludes") != std::string::npos);
  CHECK(refusal({"load"}) == "ADDR is required; see echoc load --help");
  CHECK(refusal({"merge"}) == "FILE is required; see echoc merge --help");
}

TEST_CASE("help and version are texts") {
  CHECK(std::get<ShowText>(parse({"--help"})).text.find("ping") != std::string::npos);
  CHECK(std::get<ShowText>(parse({"ping", "-h"})).text.find("--interval") != std::string::npos);
  CHECK(std::get<ShowText>(parse({"-V"})).text == "echoc " ECHO_VERSION "\n");
}

TEST_CASE("a refusal is one line that names the option and the value and what would be right") {
  CHECK(refusal({"ping", ":7", "-i", "-1s"}).starts_with("-i,--interval: '-1s' is not a duration"));
  CHECK(refusal({"ping", ":7", "-i", "0"}).starts_with("-i,--interval: '0' is not a duration"));
  CHECK(refusal({"ping", ":7", "-s", ""}).starts_with("-s,--size: '' is not a size such as"));
  CHECK(refusal({"ping", ":7", "-s", "1\n2"}).starts_with("-s,--size: '1?2' is not a size"));
  CHECK(refusal({"ping", ":7", "-n", "0"}) == "-n,--count: '0' is too small: at least 1");
  CHECK(refusal({"nonsense"}).starts_with("ADDR: 'nonsense' is not an address such as"));
  CHECK(refusal({":80abc"}).starts_with("ADDR: ':80abc' is not an address such as"));
  CHECK(refusal({}).starts_with("the server's address is missing, such as 127.0.0.1:7007"));
}

TEST_CASE("what is unknown or missing is named together with where help is") {
  CHECK(refusal({"--bogus"}) == "'--bogus' was not expected; see echoc talk --help");
  CHECK(refusal({"ping", "--bogus", ":7"}) == "'--bogus' was not expected; see echoc ping --help");
  CHECK(refusal({":7", "more"}) == "'more' was not expected; see echoc talk --help");
  CHECK(refusal({"ping", ":7", "--count"}).find("--count") != std::string::npos);
  CHECK(refusal({"ping"}) == "ADDR is required; see echoc ping --help");
}

}  // namespace
}  // namespace echo
