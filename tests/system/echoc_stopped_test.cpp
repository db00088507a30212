// A stop of the server or of echoc itself: each is reported as what it was.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "tests/support/proc.h"
#include "tests/system/echoc_load.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

std::string all_warnings(const json& result) {
  std::string text;
  for (const json& warning : result.at("warnings")) text += warning.get<std::string>() + '\n';
  return text;
}

TEST_CASE("a server that freezes for good misses every objective") {
  for (const int how : {SIGSTOP, SIGKILL}) {
    CAPTURE(how);
    Echod echod({"-l", "127.0.0.1:0"});
    Process load({ECHOC_PATH, "load", echod.address(), "-c", "2", "-r", "1000", "-d", "3s", "-i",
                  "50ms", "--timeout", "300ms", "--connect-timeout", "300ms", "--slo",
                  "p99<1h,max<1h,errors<0.1%"});
    load.wait_for_error("connections 2");
    echod.process().signal(how);
    CHECK(load.wait() == 3);
    const std::string& report = load.output();
    CAPTURE(report);
    CHECK(report.find(" unsent") != std::string::npos);
    CHECK(report.find(" 0 unsent") == std::string::npos);
    for (const char* missed :
         {" p99<1h: missed, ", " max<1h: missed, ", " errors<0.1%: missed, "}) {
      CHECK(report.find(missed) != std::string::npos);
    }
    CHECK(report.find(" % had no answer") != std::string::npos);
    CHECK(report.find("due and never sent") != std::string::npos);
  }
}

// Stops the load for a while in the middle.
json stopped_load(const std::string& address, const std::vector<std::string>& options,
                  std::chrono::milliseconds stop) {
  Process load(load_command(address, options));
  load.wait_for_error("connections 4");
  stop_for(stop, load.id());
  CHECK(load.wait() == 0);
  return json::parse(load.output());
}

TEST_CASE("a stop of echoc is reported as its own and not as one of the server") {
  Echod echod({"-l", "127.0.0.1:0"});
  const json open =
      stopped_load(echod.address(),
                   {"-c", "4", "-r", "1000", "-d", "2s", "-i", "50ms", "--timeout", "1h"}, 500ms);
  CHECK(open.at("limited_by") == "generator");
  CHECK(all_warnings(open).find("echoc itself was late: without that p") != std::string::npos);
  CHECK(open.at("generator").at("longest_pause_us") >= 400'000.0);
  // What the stop held up is in the latency, in the lateness, and not in what is left without it.
  CHECK(open.at("latency").at("max") >= 400'000.0);
  CHECK(open.at("send_lateness").at("max") >= 400'000.0);
  const double max = open.at("latency").at("max");
  CHECK(open.at("latency_without_echoc").at("max") < max);
  CHECK(open.at("latency_without_echoc").at("percentiles").at("90") <
        open.at("latency").at("percentiles").at("90"));
}

TEST_CASE("a stop of echoc is its own also where connections are replaced") {
  Echod echod({"-l", "127.0.0.1:0"});
  for (const char* messages : {"1", "5"}) {
    CAPTURE(messages);
    const json result = stopped_load(echod.address(),
                                     {"-c", "4", "-r", "400", "-d", "2s", "-i", "50ms", "--timeout",
                                      "1h", "--messages-per-connection", messages},
                                     700ms);
    CHECK(result.at("limited_by") == "generator");
    CHECK(all_warnings(result).find("echoc itself was late: without that p") != std::string::npos);
  }
}

TEST_CASE("a stop of echoc in a closed loop is told as its longest pause") {
  Echod echod({"-l", "127.0.0.1:0"});
  const json closed = stopped_load(echod.address(),
                                   {"-c", "4", "-d", "3s", "-i", "50ms", "--timeout", "1h"}, 300ms);
  CHECK(closed.at("generator").at("longest_pause_us") >= 250'000.0);
}

TEST_CASE("a stop of echoc that begins in its warm-up is told as a pause of the measuring") {
  Echod echod({"-l", "127.0.0.1:0"});
  Process load(load_command(echod.address(), {"-c", "4", "-r", "1000", "-d", "3s", "-i", "50ms",
                                              "--warmup", "700ms", "--timeout", "1h"}));
  load.wait_for_error("warm-up");
  stop_for(1500ms, load.id());
  CHECK(load.wait() == 0);
  const json result = json::parse(load.output());
  CHECK(result.at("latency").at("max") >= 700'000.0);
  CHECK(result.at("generator").at("longest_pause_us") >= 700'000.0);
}

TEST_CASE("answers that come while echoc is stopped have not timed out") {
  // While the answers are awaited echoc sleeps, and that is where the stop meets it.
  ScriptedServer server([](Socket& client, int) {
    for (std::string bytes = client.receive_some(); !bytes.empty(); bytes = client.receive_some()) {
      std::this_thread::sleep_for(100ms);  // the delay is what echoc must not take for more
      client.send(bytes);
    }
  });
  const json result =
      stopped_load(server.address(),
                   {"-c", "4", "-d", "2s", "-i", "50ms", "--timeout", "2s", "--spin", "0"}, 3s);
  CHECK(result.at("messages").at("timed_out") == 0);
  CHECK(result.at("limited_by") == "generator");
  CHECK(all_warnings(result).find("echoc itself was late: without that p") != std::string::npos);
}

TEST_CASE("connections that stand while echoc is stopped have not failed") {
  Echod echod({"-l", "127.0.0.1:0"});
  // So many that the loop is not told of all of them at once when it goes on.
  Process load(load_command(echod.address(),
                            {"-c", "1000", "-w", "1", "-d", "2s", "-i", "50ms", "--timeout", "1h",
                             "--messages-per-connection", "1", "--connect-timeout", "2s"}));
  load.wait_for_error(" s left");
  stop_for(3s, load.id());
  CHECK(load.wait() == 0);
  CHECK(json::parse(load.output()).at("connections").at("failed") == 0);
}

TEST_CASE("messages that were due while echoc was stopped beyond its end are not forgotten") {
  Echod echod({"-l", "127.0.0.1:0"});
  // With the patience that it has, and without any once it goes on.
  for (const char* timeout : {"1h", "50ms"}) {
    CAPTURE(timeout);
    Process load(load_command(
        echod.address(), {"-c", "4", "-r", "500", "-d", "2s", "-i", "50ms", "--timeout", timeout}));
    load.wait_for_error("connections 4");
    stop_for(2200ms, load.id());
    load.wait();
    const json messages = json::parse(load.output()).at("messages");
    CHECK(messages.at("sent").get<int>() + messages.at("unsent").get<int>() == 1000);
  }
}

TEST_CASE("a stop of the server is not reported as one of echoc") {
  Echod echod({"-l", "127.0.0.1:0"});
  Process load(load_command(echod.address(), {"-c", "4", "-r", "1000", "-d", "2s", "-i", "50ms",
                                              "--timeout", "1h", "--percentiles", "90,99"}));
  load.wait_for_error("connections 4");
  stop_for(500ms, echod.id());
  CHECK(load.wait() == 0);
  const json result = json::parse(load.output());
  CHECK(result.at("latency").at("max") >= 490'000.0);
  // echoc itself may be late by some of it.
  CHECK(result.at("latency_without_echoc").at("max") >= 400'000.0);
  CHECK(result.at("service_time").at("max") >= 400'000.0);
}

}  // namespace
}  // namespace echo::testing
