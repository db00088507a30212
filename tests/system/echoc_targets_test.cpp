// echoc load with several targets: rounds, comparison, failures, interruption.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/result_sums.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"
#include "tests/system/echoc_load.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr auto kDelay = 50ms;

// Each answer takes that long, which is what echoc is to find.
void slow_script(Socket& client, int) {
  for (std::string bytes = client.receive_some(); !bytes.empty(); bytes = client.receive_some()) {
    std::this_thread::sleep_for(kDelay);
    client.send(bytes);
  }
}

const json& metric(const json& target, const std::string& name) {
  for (const json& one : target.at("metrics")) {
    if (one.at("name") == name) return one;
  }
  throw std::runtime_error("there is no metric " + name);
}

json started(const json& result, std::size_t target, std::size_t round) {
  return result.at("targets").at(target).at("runs").at(round).at("started");
}

TEST_CASE("a slower target is found slower beyond the noise of five rounds") {
  Echod fast({"-l", "127.0.0.1:0"});
  ScriptedServer slow(slow_script);
  const Load load(fast.address(),
                  {slow.address(), "-c", "1", "-n", "10", "--slo", "p50<50ms", "-i", "10s"});
  CHECK(load.status == 3);
  CHECK(has(load.errors, "echoc: " + slow.address() + " p50<50ms: missed, "));
  const json& targets = load.result.at("targets");
  REQUIRE(targets.size() == 2);
  CHECK(targets.at(0).at("target") == fast.address());
  CHECK_FALSE(targets.at(0).contains("metrics"));
  CHECK(targets.at(1).at("target") == slow.address());
  CHECK(targets.at(1).at("enough_runs") == true);
  const json& p50 = metric(targets.at(1), "p50");
  CAPTURE(p50.dump());
  CHECK(p50.at("new") >= 50'000.0);
  CHECK(p50.at("change") > 0.0);
  CHECK(p50.at("beyond_noise") == true);
  const json& verdict = load.result.at("slo").at(1);
  CHECK(verdict.at("target") == slow.address());
  CHECK(verdict.at("met") == false);
}

TEST_CASE("the order of the targets is reversed every round and the sum has all runs") {
  Echod fast({"-l", "127.0.0.1:0"});
  ScriptedServer slow(slow_script);
  const Load load(fast.address(), {slow.address(), "-c", "1", "-n", "3", "--rounds", "4"});
  CHECK(load.status == 0);
  const std::vector<std::pair<std::size_t, std::size_t>> order{{0, 0}, {1, 0}, {1, 1}, {0, 1},
                                                               {0, 2}, {1, 2}, {1, 3}, {0, 3}};
  for (std::size_t i = 1; i < order.size(); ++i) {
    CAPTURE(i);
    CHECK(started(load.result, order[i - 1].first, order[i - 1].second) <
          started(load.result, order[i].first, order[i].second));
  }
  std::uint64_t echoed = 0;
  for (const json& target : load.result.at("targets")) {
    REQUIRE(target.at("runs").size() == 4);
    for (const json& run : target.at("runs")) {
      check_sums(run);
      CHECK(run.at("target") == target.at("target"));
      echoed += count_at(run.at("messages"), "echoed");
    }
  }
  CHECK(echoed == 24);
  CHECK(load.messages().at("echoed") == 24);
  CHECK(load.result.at("latency").at("count") == 24);
  CHECK(load.result.at("target") == fast.address() + ", " + slow.address());
  CHECK(load.result.at("options").at("rounds") == 4);
  CHECK(load.result.at("options").at("connections") == 1);
}

TEST_CASE("a target that cannot be reached is named once and spoils no other") {
  Echod echod({"-l", "127.0.0.1:0"});
  const std::string dead = address_without_server();
  const Finished load = run_program({ECHOC_PATH, "load", dead, echod.address(), "-c", "1", "-n",
                                     "5", "--rounds", "2", "-i", "10s"});
  CHECK(load.status == 1);
  CHECK(has(load.errors, "echoc: round 1: cannot connect to " + dead + ": tried " + dead));
  CHECK_FALSE(has(load.errors, "echoc: round 2: "));
  CAPTURE(load.output);
  CHECK(has(load.output, "echoc load 2 targets in turn, 2 runs of each\n  " + dead + "\n"));
  CHECK(has(load.output, "\nNothing to compare with: " + dead + " has no complete round.\n"));
  CHECK(has(load.output, "2 of 2 rounds (1, 2) measured nothing: cannot"));

  const Load result(dead, {echod.address(), "-c", "1", "-n", "5", "--rounds", "2"});
  CHECK(result.status == 1);
  CHECK(result.messages().at("echoed") == 10);
  CHECK(result.connections().at("failed") == 2);
  CHECK(result.result.at("targets").at(0).at("runs").at(1).contains("error"));
}

TEST_CASE("several targets of which none can be reached leave the old result as it was") {
  const TemporaryFolder folder;
  write_file(folder.file("json"), "old");
  const std::string dead = address_without_server();
  const Finished load = run_program(
      {ECHOC_PATH, "load", dead, dead, "-c", "1", "--rounds", "1", "--json", folder.file("json")});
  CHECK(load.status == 1);
  CHECK(load.errors.ends_with("echoc: no message was measured\n"));
  CHECK(read_file(folder.file("json")) == "old");
}

TEST_CASE("wrong bytes of one target are the status of all") {
  Echod echod({"-l", "127.0.0.1:0"});
  ScriptedServer wrong([](Socket& client, int number) {
    std::string bytes = client.receive_some();
    if (number == 1) bytes[0] = static_cast<char>(bytes[0] ^ 1);
    client.send(bytes);
    echo_all(client);
  });
  const Load load(echod.address(), {wrong.address(), "-c", "1", "-n", "2", "--rounds", "1"});
  CHECK(load.status == 4);
  CHECK(has(load.errors, "warning: " + wrong.address() + ": 1 message came back wrong\n"));
  CHECK(load.messages().at("corrupt") == 1);
}

TEST_CASE("a signal ends all rounds at once and what was measured is partial") {
  Echod first({"-l", "127.0.0.1:0"});
  Echod second({"-l", "127.0.0.1:0"});
  for (const int signal : {SIGINT, SIGTERM}) {
    CAPTURE(signal);
    const TemporaryFolder folder;
    Process load({ECHOC_PATH, "load", first.address(), second.address(), "-c", "1", "-d", "1h",
                  "-i", "20ms", "--json", folder.file("json")});
    load.wait_for_error("round 1 of 5, " + first.address());
    load.wait_for_error("s p99 ");  // behind a time: a message has come back
    load.signal(signal);
    CHECK(load.wait() == 130);
    CHECK(load.output().find("\nPARTIAL: ") != std::string::npos);
    CHECK_FALSE(has(load.errors(), second.address()));
    const json result = json::parse(read_file(folder.file("json")));
    CHECK(result.at("partial") == true);
    CHECK(result.at("messages").at("echoed") > 0);
    CHECK(result.at("targets").at(0).at("runs").size() == 1);
    CHECK(result.at("targets").at(0).at("runs").at(0).at("partial") == true);
    CHECK(result.at("targets").at(1).at("runs").empty());
  }
}

}  // namespace
}  // namespace echo::testing
