// Whatever happens in a load, everything that it says about it must agree.
#include <doctest/doctest.h>
#include <poll.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/result_agreement.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/echoc_load.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

using Words = std::vector<std::string>;
using namespace std::chrono_literals;

// A run with every output that there is.
class FullLoad {
 public:
  FullLoad(const std::string& address, const Words& options)
      : process_(command(address, options)) {}

  Process& process() { return process_; }

  Told finish() {
    const int status = process_.wait();
    CAPTURE(process_.errors());
    return {.status = status,
            .text = process_.output(),
            .json = nlohmann::json::parse(read_file(folder_.file("json"))),
            .csv = read_file(folder_.file("csv")),
            .hlog = read_file(folder_.file("hlog")),
            .hgrm = read_file(folder_.file("hgrm"))};
  }

 private:
  Words command(const std::string& address, const Words& options) const {
    Words words{ECHOC_PATH, "load", address, "-i", "50ms"};
    for (const char* output : {"json", "csv", "hlog", "hgrm"}) {
      words.insert(words.end(), {std::string("--") + output, folder_.file(output)});
    }
    words.insert(words.end(), options.begin(), options.end());
    return words;
  }

  const TemporaryFolder folder_;
  Process process_;
};

std::uint64_t due(const Told& told) {
  const auto& messages = told.json.at("messages");
  return messages.at("sent").get<std::uint64_t>() + messages.at("unsent").get<std::uint64_t>();
}

struct Scenario {
  std::string name;
  ScriptedServer::Script script;
  Words options;
  int status;
  std::uint64_t due;  // 0: as many as there is time for
};

void silent(Socket& client, int) {
  client.receive_until_end();
}

void close_after_five(Socket& client, int) {
  echo_bytes(client, 5 * 64);
}

// The third message of the first connection.
void corrupt_one(Socket& client, int number) {
  if (number > 1) return echo_all(client);
  echo_bytes(client, 2 * 64);
  std::string bytes = client.receive(64);
  bytes[5] ^= 1;
  client.send(bytes);
  echo_all(client);
}

void answer_late(Socket& client, int) {
  for (std::string bytes = client.receive_some(); !bytes.empty(); bytes = client.receive_some()) {
    std::this_thread::sleep_for(150ms);  // the delay is what the client must measure
    client.send(bytes);
  }
}

void double_last_byte(Socket& client, int) {
  echo_bytes(client, 3 * 64);
  client.receive_until_end();
  client.send("x");
}

void reset_after_three(Socket& client, int) {
  echo_bytes(client, 3 * 64);
  client.receive(64);
  client.reset();
}

std::vector<Scenario> healthy_scenarios() {
  return {
      {"healthy, closed", echo_script, {"-n", "500"}, 0, 500},
      {"healthy, for a time", echo_script, {"-d", "200ms", "-c", "3"}, 0, 0},
      {"healthy, open", echo_script, {"-r", "1000", "-d", "300ms"}, 0, 300},
      {"open, by count", echo_script, {"-r", "1000", "-n", "200"}, 0, 200},
      {"pipeline", echo_script, {"-n", "500", "--pipeline", "16", "-s", "1-3000"}, 0, 500},
      {"churn", echo_script, {"-n", "60", "-c", "3", "--messages-per-connection", "7"}, 0, 60},
      {"ramp-up and warm-up",
       echo_script,
       {"-r", "1000", "-d", "200ms", "--ramp-up", "100ms", "--warmup", "100ms"},
       0,
       200},
      {"one byte each", echo_script, {"-n", "300", "-s", "1", "--pipeline", "4"}, 0, 300},
      {"late", answer_late, {"-n", "12", "-c", "4"}, 0, 12},
      {"objective missed", echo_script, {"-n", "50", "--slo", "p99<1us,errors<1"}, 3, 50},
      {"objective met", echo_script, {"-n", "50", "--slo", "max<1h,errors<1%"}, 0, 50},
  };
}

std::vector<Scenario> failing_scenarios() {
  return {
      {"silent", silent, {"-n", "20", "-c", "3", "--timeout", "100ms"}, 1, 20},
      {"silent, open",
       silent,
       {"-r", "100", "-d", "300ms", "-c", "2", "--timeout", "100ms", "--slo", "p50<1h"},
       1,
       30},
      {"too late", answer_late, {"-n", "12", "-c", "4", "--timeout", "50ms"}, 1, 12},
      {"closing", close_after_five, {"-n", "40", "-c", "2"}, 1, 40},
      {"closing, open", close_after_five, {"-r", "200", "-d", "300ms", "-c", "2"}, 1, 60},
      {"resetting", reset_after_three, {"-n", "40", "-c", "2", "--pipeline", "3"}, 1, 40},
      {"errors allowed", reset_after_three, {"-n", "40", "-c", "2", "--slo", "errors<99%"}, 0, 40},
      {"corrupting", corrupt_one, {"-n", "30", "-c", "2"}, 4, 30},
      {"corrupting, pipelined", corrupt_one, {"-n", "30", "-c", "1", "--pipeline", "8"}, 4, 30},
      {"corrupting in the warm-up",
       corrupt_one,
       {"-r", "200", "-c", "1", "--warmup", "200ms", "-d", "200ms"},
       4,
       40},
      {"a byte too many", double_last_byte, {"-n", "6", "-c", "2"}, 4, 6},
      {"churn against a closing server",
       close_after_five,
       {"-n", "60", "-c", "3", "--messages-per-connection", "7"},
       1,
       60},
      {"overload", answer_late, {"-r", "200", "-c", "1", "-d", "300ms", "--timeout", "1s"}, 1, 60},
  };
}

void check(const Scenario& scenario) {
  CAPTURE(scenario.name);
  ScriptedServer server(scenario.script);
  FullLoad load(server.address(), scenario.options);
  const Told told = load.finish();
  CHECK(told.status == scenario.status);
  if (scenario.due != 0) CHECK(due(told) == scenario.due);
  check_agreement(told);
}

TEST_CASE("all that a good run says agrees") {
  for (const Scenario& scenario : healthy_scenarios()) check(scenario);
}

TEST_CASE("all that a bad run says agrees") {
  for (const Scenario& scenario : failing_scenarios()) check(scenario);
}

TEST_CASE("all that a run against a server that freezes or dies says agrees") {
  for (const int how : {SIGSTOP, SIGKILL}) {
    CAPTURE(how);
    Echod echod({"-l", "127.0.0.1:0"});
    FullLoad load(echod.address(), {"-c", "2", "-r", "100", "-d", "2s", "--timeout", "300ms",
                                    "--connect-timeout", "300ms", "--slo", "p99<5ms,errors<0.1%"});
    load.process().wait_for_error("connections 2");
    echod.process().signal(how);
    const Told told = load.finish();
    CHECK(told.status == 3);
    CHECK(due(told) == 200);
    check_agreement(told);
  }
}

TEST_CASE("all that an interrupted run says agrees") {
  const std::vector<Words> runs{{"-d", "1h", "-c", "4"},
                                {"-d", "1h", "-c", "4", "-r", "300"},
                                {"-n", "1G", "-c", "4", "--pipeline", "4"},
                                {"-n", "1G", "-c", "4", "-r", "300"}};
  for (const Words& options : runs) {
    CAPTURE(options.back());
    ScriptedServer server(echo_script);
    FullLoad load(server.address(), options);
    load.process().wait_for_error("connections 4");
    load.process().signal(SIGINT);
    const Told told = load.finish();
    CHECK(told.status == 130);
    check_agreement(told);
  }
}

TEST_CASE("all that an interrupted run with answers under way says agrees") {
  for (const Words& more : {Words{}, Words{"-r", "50"}}) {
    std::atomic<int> unanswered{0};
    ScriptedServer server([&](Socket& client, int) {
      echo_bytes(client, 2 * 64);
      client.receive(64);
      ++unanswered;
      client.receive_until_end();
    });
    Words options{"-c", "3", "-d", "1h", "--timeout", "1h"};
    options.insert(options.end(), more.begin(), more.end());
    FullLoad load(server.address(), options);
    REQUIRE(eventually([&] { return unanswered == 3; }));
    load.process().signal(SIGINT);
    const Told told = load.finish();
    CHECK(told.status == 130);
    CHECK(told.json.at("messages").at("in_flight") == 3);
    check_agreement(told);
  }
}

}  // namespace
}  // namespace echo::testing
