#include "tests/system/echoc_load.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "tests/support/descriptor_limit.h"
#include "tests/support/proc.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

// A thread costs much more under ThreadSanitizer, and so does each of its switches.
#ifdef __SANITIZE_THREAD__
constexpr int kManyConnections = 500;
#else
constexpr int kManyConnections = 5000;
#endif

TEST_CASE("a count of messages is sent and echoed and verified exactly") {
  Echod echod({"-l", "127.0.0.1:0"});
  const Load load(echod.address(), {"-c", "7", "-n", "1000", "-s", "100"});
  CHECK(load.status == 0);
  CHECK(load.errors == "");
  for (const char* key : {"sent", "echoed", "verified"}) CHECK(load.messages().at(key) == 1000);
  for (const char* key : {"corrupt", "timed_out", "lost", "unsent"}) {
    CHECK(load.messages().at(key) == 0);
  }
  CHECK(load.result.at("bytes") == json{{"sent", 100'000}, {"received", 100'000}});
  CHECK(load.connections().at("made") == 7);
  CHECK(load.result.at("mode") == "closed");
  CHECK(load.result.at("latency").at("basis") == "sent");
  CHECK(load.result.at("latency").at("count") == 1000);
  CHECK(load.result.at("connect").at("count") == 7);
  CHECK(load.result.at("partial") == false);
}

TEST_CASE("with a rate every message has its time and none is left out") {
  Echod echod({"-l", "127.0.0.1:0"});
  const Load load(echod.address(), {"-c", "3", "-r", "1000", "-d", "500ms"});
  CHECK(load.status == 0);
  CHECK(load.messages().at("echoed") == 500);
  CHECK(load.result.at("mode") == "open");
  CHECK(load.result.at("latency").at("basis") == "intended");
  CHECK(load.result.at("service_time").at("count") == 500);
  CHECK(load.result.at("send_lateness").at("count") == 500);
  CHECK(load.result.at("duration_s") >= 0.5);
}

TEST_CASE("with a rate and a count the run ends when all are echoed") {
  Echod echod({"-l", "127.0.0.1:0"});
  const Load load(echod.address(), {"-c", "3", "-r", "1k", "-n", "100", "--pipeline", "4"});
  CHECK(load.status == 0);
  CHECK(load.messages().at("echoed") == 100);
}

TEST_CASE("messages of one byte and of many megabytes come back at any pipeline depth") {
  Echod echod({"-l", "127.0.0.1:0"});
  CHECK(Load(echod.address(), {"-c", "2", "-n", "5000", "-s", "1", "--pipeline", "32"}).status ==
        0);
  const Load large(echod.address(),
                   {"-c", "2", "-n", "6", "-s", "64M", "--pipeline", "2", "--timeout", "90s"});
  CHECK(large.status == 0);
  CHECK(large.messages().at("verified") == 6);
  CHECK(large.result.at("bytes").at("received") == 6 * 67'108'864);
}

TEST_CASE("sizes from a range are repeated by their seed") {
  Echod echod({"-l", "127.0.0.1:0"});
  const auto bytes = [&](const std::string& seed) {
    const Load load(echod.address(), {"-n", "500", "-s", "1-2k", "--seed", seed});
    CHECK(load.status == 0);
    return load.result.at("bytes").at("sent").get<int>();
  };
  const int first = bytes("1");
  CHECK(first > 500 * 800);
  CHECK(first < 500 * 1250);
  CHECK(bytes("1") == first);
  CHECK(bytes("2") != first);
}

TEST_CASE("a connection for each message is made and verified") {
  Echod echod({"-l", "127.0.0.1:0"});
  const Load load(echod.address(), {"-c", "4", "-n", "200", "--messages-per-connection", "1"});
  CHECK(load.status == 0);
  CHECK(load.messages().at("echoed") == 200);
  CHECK(load.connections().at("made") == 4);
  CHECK(load.connections().at("churned") == 196);
  CHECK(load.connections().at("lost") == 0);
  CHECK(load.result.at("connect").at("count") == 200);
}

TEST_CASE("warm-up and ramp-up are not in the results") {
  Echod echod({"-l", "127.0.0.1:0"});
  const Load load(echod.address(), {"-c", "4", "-r", "1000", "--ramp-up", "100ms", "--warmup",
                                    "100ms", "-d", "200ms"});
  CHECK(load.status == 0);
  CHECK(load.messages().at("echoed") == 200);
  CHECK(load.result.at("bytes") == json{{"sent", 200 * 64}, {"received", 200 * 64}});
}

TEST_CASE("fewer messages than connections end a run that warms up") {
  Echod echod({"-l", "127.0.0.1:0"});
  for (const char* most : {"0", "1"}) {
    CAPTURE(most);
    const Load load(echod.address(), {"-c", "10", "-n", "2", "-r", "200", "--warmup", "100ms",
                                      "--messages-per-connection", most});
    CHECK(load.status == 0);
    CHECK(load.messages().at("echoed") == 2);
    CHECK(load.result.at("bytes").at("sent") == 128);
  }
}

TEST_CASE("thousands of connections are made and verified") {
  const int connections = connections_within_limit(kManyConnections);
  Echod echod({"-l", "127.0.0.1:0"});
  const Load load(echod.address(),
                  {"-c", std::to_string(connections), "-n", std::to_string(2 * connections),
                   "--timeout", "60s", "--connect-timeout", "60s"});
  CHECK(load.status == 0);
  CHECK(load.connections().at("made") == connections);
  CHECK(load.messages().at("verified") == 2 * connections);
}

TEST_CASE("several source addresses take turns") {
  Echod echod({"-l", "127.0.0.1:0"});
  const Load load(echod.address(),
                  {"-c", "4", "-n", "40", "--source", "127.0.0.2", "--source", "127.0.0.3"});
  CHECK(load.status == 0);
  echod.wait_for_log("connected from 127.0.0.2:");
  echod.wait_for_log("connected from 127.0.0.3:");
}

TEST_CASE("a server that stands still for two seconds shows two seconds at a fixed rate") {
  Echod echod({"-l", "127.0.0.1:0"});
  Process load(load_command(
      echod.address(), {"-r", "1000", "-d", "5s", "-c", "10", "-i", "100ms", "--timeout", "60s"}));
  load.wait_for_error("connections 10");
  stop_for(2s, echod.id());
  CHECK(load.wait() == 0);
  const json latency = json::parse(load.output()).at("latency");
  CHECK(latency.at("count") == 5000);
  // A message is due each millisecond; 2000 of 5000 were late, evenly from 0 to 2 s.
  CHECK(latency.at("max") >= 1'990'000.0);
  CHECK(latency.at("percentiles").at("90") >= 1'400'000.0);
  CHECK(latency.at("percentiles").at("99") >= 1'900'000.0);
}

TEST_CASE("an objective that is missed gives exit status 3") {
  Echod echod({"-l", "127.0.0.1:0"});
  const Load met(echod.address(), {"-n", "100", "--slo", "p50<1h,errors<1", "--slo", "rate>1.5"});
  CHECK(met.status == 0);
  CHECK(met.result.at("slo").size() == 3);
  const Load missed(echod.address(), {"-n", "100", "--slo", "p50<1h,p99<1us"});
  CHECK(missed.status == 3);
  CHECK(missed.result.at("slo").at(1).at("expr") == "p99<1us");
  CHECK(missed.result.at("slo").at(1).at("met") == false);
}

TEST_CASE("errors that an objective allows do not fail the run") {
  ScriptedServer server([](Socket& client, int number) {
    if (number > 1) return echo_all(client);
    client.receive(64);
  });
  // The message and its connection are lost: 2 of 100 messages and 1 connection.
  CHECK(Load(server.address(), {"-c", "1", "-n", "100", "--slo", "errors<2%"}).status == 0);
}

TEST_CASE("the text says what was measured and how") {
  Echod echod({"-l", "127.0.0.1:0"});
  const Finished load = run_program({ECHOC_PATH, "load", echod.address(), "-n", "100"});
  CHECK(load.status == 0);
  CHECK(load.errors == "");
  CHECK(load.output.find("100 sent, 100 echoed and verified, 0 corrupt") != std::string::npos);
  CHECK(load.output.find("Closed loop: each connection waits") != std::string::npos);
  CHECK(run_program({ECHOC_PATH, "load", echod.address(), "-n", "100", "-q"}).output == "");
}

TEST_CASE("every interval has a row and the rows add up to the result") {
  Echod echod({"-l", "127.0.0.1:0"});
  const TemporaryFolder folder;
  const Load load(echod.address(), {"-r", "1000", "-d", "1s", "-i", "250ms", "--csv",
                                    folder.file("csv"), "--hgrm", folder.file("hgrm")});
  CHECK(load.status == 0);
  REQUIRE(load.result.at("intervals").size() == 4);
  int echoed = 0;
  for (const json& row : load.result.at("intervals")) echoed += row.at("echoed").get<int>();
  CHECK(echoed == 1000);
  const std::string csv = read_file(folder.file("csv"));
  CHECK(csv.starts_with("at_s,echoed,rate,p50,p99,max,errors,connections,unsent\n0.250,"));
  CHECK(std::ranges::count(csv, '\n') == 5);
  CHECK(read_file(folder.file("hgrm")).find("Total count    =         1000]") != std::string::npos);
}

TEST_CASE("a standard stream that is closed or full costs its text and status 1 at most") {
  Echod echod({"-l", "127.0.0.1:0"});
  const auto load = [&](const std::string& streams) {
    return run_program({"sh", "-c", "exec \"$@\" " + streams, "sh", ECHOC_PATH, "load", "-n", "100",
                        "-i", "10ms", echod.address()});
  };
  CHECK(load("<&-").status == 0);
  for (const char* output : {">&-", ">/dev/full"}) {
    CAPTURE(output);
    const Finished finished = load(output);
    CHECK(finished.status == 1);
    CHECK(finished.errors.find("echoc: cannot write to standard output: ") == 0);
    // What else there is are live lines, as many as the run took time for.
    CHECK(without_lateness(finished.errors).find("\nechoc: ") == std::string::npos);
  }
  for (const char* errors : {"2>&-", "2>/dev/full"}) {
    CAPTURE(errors);
    const Finished finished = load(errors);
    CHECK(finished.status == 0);
    CHECK(finished.output.find("100 echoed and verified") != std::string::npos);
  }
}

TEST_CASE("a result file that cannot be written is told before the run") {
  const std::string address = address_without_server();
  const Finished load =
      run_program({ECHOC_PATH, "load", address, "--json", "/nonexistent/result.json"});
  CHECK(load.status == 1);
  CHECK(load.errors == "echoc: cannot write /nonexistent/result.json: No such file or directory\n");
}

}  // namespace
}  // namespace echo::testing
