// Where echoc itself is held up between the clock and the kernel, no server is charged with it.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/preload.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/echoc_load.h"

namespace echo::testing {
namespace {

using namespace std::chrono_literals;

// A run of echoc in which that call is late.
Finished run_late(const std::string& call, const std::vector<std::string>& command,
                  const std::string& input_file = "/dev/null") {
  static const TemporaryFolder folder;
  static const std::string preloaded = preload(folder, SANITIZER_RUNTIME, LATE_CALLS_LIBRARY);
  Process process(command, {.input_file = input_file,
                            .output_file = {},
                            .environment = {preloaded, "LATE_CALL=" + call}});
  const int status = process.wait();
  return {status, process.output(), process.errors()};
}

// It answers late enough that the answer is not there when the call that sends is over.
void echo_later(Socket& client, int) {
  for (std::string bytes = client.receive_some(); !bytes.empty(); bytes = client.receive_some()) {
    std::this_thread::sleep_for(50ms);  // the delay is what echoc must not take for more
    client.send(bytes);
  }
}

TEST_CASE("a message that leaves late as echoc was stopped has its time from then on") {
  ScriptedServer server(echo_later);
  for (const char* rate : {"0", "10"}) {
    CAPTURE(rate);
    std::vector<std::string> options{"-c", "1", "-n", "6", "--timeout", "2s", "--spin", "0"};
    if (*rate != '0') options.insert(options.end(), {"-r", rate});
    const Load load(run_late("send 3 3000", load_command(server.address(), options)));
    CHECK(load.status == 0);
    CHECK(load.messages().at("echoed") == 6);
    CHECK(load.messages().at("timed_out") == 0);
    CHECK(load.connections().at("reconnected") == 0);
    CHECK(load.result.at("generator").at("longest_pause_us") >= 3'000'000.0);
    if (*rate == '0') continue;
    // It is the lateness of echoc, and not the time of the server.
    CHECK(load.result.at("send_lateness").at("max") >= 3'000'000.0);
    CHECK(load.result.at("service_time").at("max") < 3'000'000.0);
  }
}

TEST_CASE("a server that is asked late as echoc was stopped is not late") {
  ScriptedServer server(echo_later);
  const Load load(
      run_late("connect 1 1500",
               load_command(server.address(), {"-c", "1", "-n", "1", "--connect-timeout", "1s"})));
  CHECK(load.status == 0);
  CHECK(load.connections().at("failed") == 0);
  CHECK(load.result.at("connect").at("max") < 1'500'000.0);
}

TEST_CASE("a ping that leaves late as echoc was stopped is not lost") {
  ScriptedServer server(echo_later);
  const Finished ping = run_late("send 2 3000", {ECHOC_PATH, "ping", "-n", "3", "-i", "1ms",
                                                 "--timeout", "2s", server.address()});
  CAPTURE(ping.output);
  CHECK(ping.status == 0);
  CHECK(ping.output.find("3 sent, 3 echoed, 0 lost") != std::string::npos);
  // None has the three seconds of the stop.
  for (std::size_t at = 0; (at = ping.output.find(" time=", at)) != std::string::npos; ++at) {
    CHECK(std::stod(ping.output.substr(at + 6)) < 3000);
  }
}

TEST_CASE("a ping says why it is lost even if echoc learns it late") {
  ScriptedServer server([](Socket& client, int) { client.receive(64); });
  const Finished ping = run_late(
      "epoll_pwait2 0 1100", {ECHOC_PATH, "ping", "-n", "1", "--timeout", "1s", server.address()});
  CAPTURE(ping.output);
  CHECK(ping.status == 1);
  CHECK(ping.output.find("lost: the server closed the connection after 0 of 64 bytes") !=
        std::string::npos);
}

TEST_CASE("an answer that comes while echoc is stopped behind epoll is not lost for ping") {
  // The first answer ends the wait for both, and the other one comes before the clock is read.
  ScriptedServer quick([](Socket& client, int) { echo_all(client); });
  ScriptedServer slow(echo_later);
  const Finished ping =
      run_late("epoll_pwait2 0 1500", {ECHOC_PATH, "ping", "-n", "1", "-i", "1ms", "--timeout",
                                       "1s", quick.address(), slow.address()});
  CAPTURE(ping.output);
  CHECK(ping.status == 0);
  CHECK(ping.output.find(" 1 lost") == std::string::npos);
}

TEST_CASE("a server that is told late of the end of input has its time from then on") {
  ScriptedServer server([](Socket& client, int) {
    std::string all;
    for (std::string bytes = client.receive_some(); !bytes.empty(); bytes = client.receive_some()) {
      all += bytes;
    }
    std::this_thread::sleep_for(50ms);  // the delay is what echoc must not take for more
    client.send(all);
  });
  const TemporaryFolder folder;
  write_file(folder.file("input"), "hello\n");
  const Finished talk =
      run_late("shutdown 1 1500", {ECHOC_PATH, "talk", "--timeout", "1s", server.address()},
               folder.file("input"));
  CHECK(talk.errors == "");
  CHECK(talk.status == 0);
  CHECK(talk.output == "hello\n");
}

TEST_CASE("a silent connection that speaks late as echoc was stopped has its answer") {
  ScriptedServer server(echo_later);
  const Finished idle = run_late("send 2 3000", {ECHOC_PATH, "idle", "--gaps", "100ms", "--timeout",
                                                 "2s", "--json", "-", server.address()});
  CAPTURE(idle.errors);
  CHECK(idle.status == 0);
  const auto gap = nlohmann::json::parse(idle.output).at("targets").at(0).at("gaps").at(0);
  CHECK(gap.at("verdict") == "alive");
}

TEST_CASE("answers that come while echoc is stopped behind poll have not timed out for idle") {
  // The first answer ends the wait for both, and the other one comes before the clock is read.
  ScriptedServer server([](Socket& client, int number) {
    for (std::string bytes = client.receive_some(); !bytes.empty(); bytes = client.receive_some()) {
      std::this_thread::sleep_for(number == 1 ? 0ms : 300ms);
      client.send(bytes);
    }
  });
  const Finished idle =
      run_late("ppoll 0 1500", {ECHOC_PATH, "idle", "--gaps", "100ms,150ms", "--timeout", "1s",
                                "--json", "-", server.address()});
  CAPTURE(idle.errors);
  CHECK(idle.status == 0);
  const auto result = nlohmann::json::parse(idle.output);
  const auto& gaps = result.at("targets").at(0).at("gaps");
  CHECK(gaps.at(0).at("verdict") == "alive");
  CHECK(gaps.at(1).at("verdict") == "alive");
}

}  // namespace
}  // namespace echo::testing
