// What echoc load shows while it runs, and how long it runs.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/echoc_load.h"

namespace echo::testing {
namespace {

using namespace std::chrono_literals;

void wait_for(const WakeEvent& event) {
  pollfd entry{event.descriptor(), POLLIN, 0};
  ::poll(&entry, 1, -1);
}

std::vector<std::string> load_with_report(const std::string& address,
                                          const std::vector<std::string>& options) {
  std::vector<std::string> command{ECHOC_PATH, "load", address};
  command.insert(command.end(), options.begin(), options.end());
  return command;
}

// Whether that run has a line for every phase: a machine that stands still for a while misses some.
bool shows_every_phase() {
  WakeEvent may_answer;
  ScriptedServer server([&](Socket& client, int) {
    wait_for(may_answer);
    echo_all(client);
  });
  Process load(load_with_report(
      server.address(), {"-c", "2", "-r", "50", "--ramp-up", "300ms", "--warmup", "300ms", "-d",
                         "300ms", "-i", "50ms", "--timeout", "1h", "--seed", "5"}));
  load.wait_for_error("waiting for late answers, at most ");
  CHECK(load.output() == "echoc load " + server.address() +
                             "\n"
                             "  open loop, 50 messages/s, for 300ms, ramp-up 300ms, warm-up 300ms\n"
                             "  2 connections\n"
                             "  64 bytes per message, seed 5\n\n");
  may_answer.signal();
  CHECK(load.wait() == 0);
  std::size_t at = 0;
  return std::ranges::all_of(
      std::array{"ramp-up, 0.3 s left\n", "warm-up, ", "/s  p50 - p99 - max -", " connections 2, ",
                 "waiting for late answers, at most 2 h"},
      [&](const char* phase) {
        at = load.errors().find(phase, at);
        return at != std::string::npos;
      });
}

TEST_CASE("every phase of a run shows a sign of life after a header") {
  CHECK(std::ranges::any_of(std::array<int, 20>{}, [](int) { return shows_every_phase(); }));
}

TEST_CASE("the time left of a count is estimated from what was done") {
  WakeEvent may_go_on;
  ScriptedServer server([&](Socket& client, int) {
    echo_bytes(client, 10 * 64);
    wait_for(may_go_on);
    echo_all(client);
  });
  Process load(load_with_report(server.address(), {"-c", "1", "-n", "20", "-i", "50ms"}));
  load.wait_for_error(", about ");
  may_go_on.signal();
  CHECK(load.wait() == 0);
}

TEST_CASE("a header that nobody takes holds up neither the load nor its end by a signal") {
  ScriptedServer server(echo_script);
  const TemporaryFolder folder;
  const std::string fifo = folder.file("fifo");
  ::mkfifo(fifo.c_str(), 0600);
  const Descriptor reader(::open(fifo.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  while (::write(reader.get(), "x", 1) == 1) {
  }
  Process load({"sh", "-c", "exec \"$@\" >\"$0\"", fifo, ECHOC_PATH, "load", "-d", "1h", "-i",
                "20ms", server.address()});
  load.wait_for_error("connections 10");
  load.signal(SIGINT);
  // The second one ends the waiting for a reader of the report.
  REQUIRE(eventually([&] {
    load.signal(SIGINT);
    return !load.running();
  }));
}

TEST_CASE("connections without a message stand until the time of the load is over") {
  ScriptedServer server(echo_script);
  const Load load(server.address(), {"-c", "6", "-r", "10", "-d", "200ms", "-i", "50ms"});
  CHECK(load.messages().at("sent") == 2);
  for (const auto& row : load.result.at("intervals")) CHECK(row.at("connections") == 6);
}

TEST_CASE("a load ends when its server has closed and does not wait for more") {
  ScriptedServer server(echo_script);
  // Of these at least one is not held up for a second by anything else.
  CHECK(std::ranges::any_of(std::array<int, 20>{}, [&](int) {
    const auto start = std::chrono::steady_clock::now();
    CHECK(Load(server.address(), {"-c", "2", "-n", "10"}).status == 0);
    return std::chrono::steady_clock::now() - start < 1s;
  }));
}

TEST_CASE("neither the report nor the live lines are wider than a terminal") {
  ScriptedServer server(echo_script);
  const Finished load = run_program(load_with_report(
      server.address(), {"-c", "20", "-r", "12345", "-d", "300ms", "-i", "50ms", "-s", "1-64k",
                         "--warmup", "100ms", "--slo", "send_lateness.p99.999<1h,errors<100%"}));
  CHECK((load.status == 0 || load.status == 3));  // a busy machine does not send all of it
  for (const std::string& text : {load.output, load.errors}) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      CAPTURE(line);
      // Each character has one byte that does not continue another one (UTF-8).
      CHECK(std::ranges::count_if(line, [](char c) { return (c & 0xc0) != 0x80; }) <= 78);
    }
  }
}

TEST_CASE("a rate that was kept is never reported as more than was asked for") {
  ScriptedServer server(echo_script);
  const std::vector<std::vector<std::string>> runs{
      {"-r", "10", "-d", "20ms"}, {"-r", "10", "-d", "150ms"}, {"-r", "10", "-n", "2"}};
  for (const auto& options : runs) {
    CAPTURE(options[3]);
    const Load load(server.address(), options);
    CHECK(load.status == 0);
    CHECK(load.result.at("rate").at("achieved") == 10.0);
  }
  Process load(load_command(server.address(), {"-r", "5", "-d", "1h", "-i", "20ms"}));
  load.wait_for_error("connections 10");
  load.signal(SIGINT);
  CHECK(load.wait() == 130);
  CHECK(nlohmann::json::parse(load.output()).at("rate").at("achieved") <= 5.0);
}

}  // namespace
}  // namespace echo::testing
