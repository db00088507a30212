// Servers that do wrong on purpose: what echoc load counts must be exact.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/temporary_folder.h"
#include "tests/system/echoc_load.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

TEST_CASE("a server that resets each connection loses each message") {
  ScriptedServer server([](Socket& client, int) {
    client.receive(64);
    client.reset();
  });
  const Load load(server.address(), {"-c", "1", "-n", "3"});
  CHECK(load.status == 1);
  CHECK(load.messages().at("sent") == 3);
  CHECK(load.messages().at("echoed") == 0);
  CHECK(load.messages().at("lost") == 3);
  CHECK(load.connections().at("lost") == 3);
  CHECK(load.connections().at("reconnected") == 2);
  CHECK(load.result.at("errors").at("peer_reset") == 3);
}

TEST_CASE("a server that stalls costs each message its timeout") {
  ScriptedServer server([](Socket& client, int) { client.receive_until_end(); });
  const Load load(server.address(), {"-c", "2", "-n", "4", "--timeout", "100ms"});
  CHECK(load.status == 1);
  CHECK(load.messages().at("sent") == 4);
  CHECK(load.messages().at("timed_out") == 4);
  CHECK(load.messages().at("lost") == 0);
  CHECK(load.result.at("errors").at("timeout") == 4);
  CHECK(load.result.at("latency").at("count") == 0);
}

TEST_CASE("a server that answers short and closes loses the message") {
  ScriptedServer server([](Socket& client, int number) {
    if (number > 1) return echo_all(client);
    client.send(client.receive(64).substr(0, 63));
  });
  const Load load(server.address(), {"-c", "1", "-n", "5"});
  CHECK(load.status == 1);
  CHECK(load.messages().at("sent") == 5);
  CHECK(load.messages().at("echoed") == 4);
  CHECK(load.messages().at("lost") == 1);
  CHECK(load.result.at("errors").at("peer_closed") == 1);
}

TEST_CASE("a wrong bit is found with its connection and message and offset") {
  ScriptedServer server([](Socket& client, int number) {
    if (number > 1) return echo_all(client);
    echo_bytes(client, 2 * 64);
    std::string bytes = client.receive(64);
    bytes[17] ^= 4;
    client.send(bytes);
    echo_all(client);
  });
  const Load load(server.address(), {"-c", "1", "-n", "5"});
  CHECK(load.status == 4);
  CHECK(load.messages().at("sent") == 5);
  CHECK(load.messages().at("echoed") == 4);
  CHECK(load.messages().at("corrupt") == 1);
  const json& corruption = load.result.at("corruptions").at(0);
  CHECK(corruption.at("connection") == 1);
  CHECK(corruption.at("message") == 3);
  CHECK(corruption.at("offset") == 17);
  CHECK((corruption.at("got").get<int>() ^ corruption.at("wanted").get<int>()) == 4);
}

TEST_CASE("swapped bytes are found where they begin") {
  ScriptedServer server([](Socket& client, int number) {
    if (number > 1) return echo_all(client);
    std::string bytes = client.receive(64);
    std::swap(bytes[30], bytes[31]);
    client.send(bytes);
    echo_all(client);
  });
  const Load load(server.address(), {"-c", "1", "-n", "2", "--seed", "1"});
  CHECK(load.status == 4);
  CHECK(load.messages().at("corrupt") == 1);
  CHECK(load.result.at("corruptions").at(0).at("offset") == 30);
}

// In these the bytes are those of one seed: any two of them are alike once in 256.
TEST_CASE("a doubled byte is found at the place behind it") {
  ScriptedServer server([](Socket& client, int number) {
    if (number > 1) return echo_all(client);
    std::string bytes = client.receive(64);
    bytes.insert(10, 1, bytes[10]);
    client.send(bytes);
    echo_all(client);
  });
  const Load load(server.address(), {"-c", "1", "-n", "2", "--seed", "1"});
  CHECK(load.status == 4);
  CHECK(load.messages().at("corrupt") == 1);
  CHECK(load.messages().at("echoed") == 1);
  CHECK(load.result.at("corruptions").at(0).at("offset") == 11);
}

TEST_CASE("a missing byte is found at its place") {
  ScriptedServer server([](Socket& client, int number) {
    if (number > 1) return echo_all(client);
    std::string bytes = client.receive(64);
    bytes.erase(40, 1);
    client.send(bytes);
    echo_all(client);
  });
  const Load load(server.address(), {"-c", "1", "-n", "2", "--seed", "1"});
  CHECK(load.status == 4);
  CHECK(load.result.at("corruptions").at(0).at("offset") == 40);
}

TEST_CASE("two messages that change places are found at once") {
  ScriptedServer server([](Socket& client, int number) {
    if (number > 1) return echo_all(client);
    const std::string first = client.receive(64);
    const std::string second = client.receive(64);
    client.send(second + first);
    echo_all(client);
  });
  const Load load(server.address(), {"-c", "1", "-n", "4", "--pipeline", "2", "--seed", "1"});
  CHECK(load.status == 4);
  CHECK(load.messages().at("corrupt") == 1);
  CHECK(load.messages().at("lost") == 1);
  CHECK(load.messages().at("echoed") == 2);
  CHECK(load.result.at("corruptions").at(0).at("message") == 1);
  CHECK(load.result.at("corruptions").at(0).at("offset") == 0);
}

TEST_CASE("a byte behind the last answer is found though every message came back") {
  ScriptedServer server([](Socket& client, int) {
    echo_bytes(client, 3 * 64);
    client.receive_until_end();
    client.send("x");
  });
  const Load load(server.address(), {"-c", "1", "-n", "3"});
  CHECK(load.status == 4);
  CHECK(load.messages().at("echoed") == 3);
  CHECK(load.messages().at("corrupt") == 1);
  CHECK(load.result.at("corruptions").at(0).at("message") == 3);
}

TEST_CASE("a server that closes after ten answers loses the message behind them") {
  ScriptedServer server([](Socket& client, int) { echo_bytes(client, 10 * 64); });
  const Load load(server.address(), {"-c", "1", "-n", "33"});
  CHECK(load.status == 1);
  CHECK(load.messages().at("sent") == 33);
  CHECK(load.messages().at("echoed") == 30);
  CHECK(load.messages().at("lost") == 3);
  CHECK(load.connections().at("lost") == 3);
  const json& errors = load.result.at("errors");
  CHECK(errors.at("peer_closed").get<int>() + errors.at("peer_reset").get<int>() == 3);
}

TEST_CASE("a late answer is late in the result") {
  ScriptedServer server([](Socket& client, int) {
    for (std::string bytes = client.receive_some(); !bytes.empty(); bytes = client.receive_some()) {
      std::this_thread::sleep_for(200ms);  // the delay is what the client must measure
      client.send(bytes);
    }
  });
  const Load load(server.address(), {"-c", "1", "-n", "3"});
  CHECK(load.status == 0);
  CHECK(load.result.at("latency").at("min") >= 199'800.0);
}

TEST_CASE("a server that closes every connection at once is not a good run") {
  ScriptedServer server([](Socket& client, int) { client.close(); });
  const Load load(server.address(), {"-c", "3", "-n", "3", "--timeout", "200ms"});
  CHECK(load.status == 1);
}

TEST_CASE("a connection that is made anew after a message is tried again where it is refused") {
  const TemporaryFolder folder;
  const std::string path = folder.file("socket");
  Echod echod({"--listen", "unix:" + path});
  Process load(load_command(echod.address(), {"-c", "1", "-r", "5", "-n", "20", "--timeout",
                                              "250ms", "--messages-per-connection", "1"}));
  echod.process().wait_for_error(" connected from ", 3);
  std::filesystem::remove(path);
  CHECK(load.wait() == 1);
  const json result = json::parse(load.output());
  CHECK(result.at("errors").at("refused") >= 2);
  const json& connections = result.at("connections");
  CHECK(connections.at("failed") == 1);
  CHECK(connections.at("asked") == 2 + connections.at("churned").get<int>());
}

TEST_CASE("a connection that is lost before its first message is made again") {
  Echod echod({"--listen", "127.0.0.1:0", "--idle-timeout", "300ms"});
  const Load load(echod.address(), {"-c", "4", "-r", "4", "-n", "4", "--timeout", "200ms"});
  CHECK(load.messages().at("unsent") == 0);
  CHECK(load.connections().at("reconnected") > 0);
  CHECK(load.connections().at("failed") == 0);
}

TEST_CASE("a message has its chance however long its connection stood unused after a loss") {
  ScriptedServer server([](Socket& client, int) {
    client.receive(64);
    client.reset();
  });
  const Load load(server.address(), {"-c", "1", "-r", "0.7", "-n", "3", "--timeout", "1s"});
  CHECK(load.messages().at("lost") == 3);
  CHECK(load.connections().at("failed") == 0);
}

TEST_CASE("no server is one line with what was tried") {
  const std::string address = address_without_server();
  const Finished load = run_program({ECHOC_PATH, "load", address});
  CHECK(load.status == 1);
  CHECK(load.output.starts_with("echoc load " + address + "\n"));
  CHECK(load.errors ==
        "echoc: cannot connect to " + address + ": tried " + address + " (Connection refused)\n");
}

TEST_CASE("fewer descriptors than connections is one line before the start") {
  ScriptedServer server(echo_script);
  for (const std::vector<std::string>& what :
       {std::vector<std::string>{"-n", "1000"}, {"--find-rate", "p99<1s"}}) {
    std::vector<std::string> command{
        "prlimit", "--nofile=40:40", ECHOC_PATH, "load", server.address(), "-c", "60"};
    command.insert(command.end(), what.begin(), what.end());
    const Finished load = run_program(command);
    CHECK(load.status == 1);
    CHECK(load.output == "");
    CHECK(load.errors.starts_with("echoc: 60 connections need "));
    CHECK(load.errors.find(" descriptors, and the limit is 40: raise it") != std::string::npos);
    CHECK(std::ranges::count(load.errors, '\n') == 1);
  }
  CHECK(server.accepted() == 0);
}

TEST_CASE("a load that cannot begin gives standard output its object with the error") {
  const auto said = [](const std::vector<std::string>& words) {
    std::vector<std::string> command{"prlimit", "--nofile=40:40", ECHOC_PATH,
                                     "load",    "--json",         "-"};
    command.insert(command.end(), words.begin(), words.end());
    const Finished load = run_program(command);
    CHECK(load.status == 1);
    const auto result = nlohmann::json::parse(load.output);
    CHECK(result.at("partial") == false);
    CHECK(load.errors.starts_with("echoc: " + result.at("error").get<std::string>() + "\n"));
    return result.at("error").get<std::string>();
  };
  const std::string unknown = "no-such-host.invalid:7";
  CHECK(said({unknown}).starts_with("cannot resolve no-such-host.invalid: "));
  CHECK(said({"--find-rate", "p99<1s", unknown}).starts_with("cannot resolve no-such-host"));
  const std::string lack = "60 connections need ";
  CHECK(said({"-c", "60", ":7"}).starts_with(lack));
  CHECK(said({"-c", "60", "--find-rate", "p99<1s", ":7"}).starts_with(lack));
  CHECK(said({"-c", "60", ":7", ":8"}).starts_with(lack));
  // Nothing was there to be judged.
  CHECK(said({"-c", "60", "--slo", "errors<1%", ":7"}).starts_with(lack));
  CHECK(said({"-c", "60", "--slo", "errors<1%", ":7", ":8"}).starts_with(lack));
  CHECK(said({"--slo", "errors<1%", "--find-rate", "p99<1s", unknown}).starts_with("cannot"));
}

TEST_CASE("a generator that fails ends the others, whose result would be lost") {
  Echod echod({"-l", "127.0.0.1:0"});
  // The third call of each thread: the second generator, which has one connection, makes fewer.
  // Under strace there can be no check for leaks.
  auto command = load_command(echod.address(), {"-w", "2", "-c", "3", "-r", "10", "-d", "1h"});
  command.insert(command.begin(), {"strace", "-f", "-qq", "-o", "/dev/null", "-e",
                                   "inject=epoll_ctl:error=ENOSPC:when=3"});
  Process load(command, {.environment = {"ASAN_OPTIONS=detect_leaks=0"}});
  CHECK(load.wait() == 1);
  CHECK(load.errors() == "echoc: epoll_ctl: No space left on device\n");
  CHECK(json::parse(load.output()).at("error") == "epoll_ctl: No space left on device");
}

TEST_CASE("a source address that is not ours beside one that is has its reason told") {
  ScriptedServer server(echo_script);
  const Load load(server.address(),
                  {"-c", "2", "-n", "2", "--source", "127.0.0.1", "--source", "192.0.2.1"});
  CHECK(load.status == 1);
  CHECK(load.errors.find(server.address() +
                         " failed 1 time (from 192.0.2.1: Cannot assign requested address)") !=
        std::string::npos);
}

TEST_CASE("a source address that is not ours is no resource") {
  ScriptedServer server(echo_script);
  const Finished load =
      run_program({ECHOC_PATH, "load", server.address(), "--source", "192.0.2.1"});
  CHECK(load.status == 1);
  CHECK(load.errors == "echoc: cannot connect to " + server.address() + ": tried " +
                           server.address() +
                           " (from 192.0.2.1: Cannot assign requested address)\n");
}

TEST_CASE("SIGINT ends a run with a partial report and exit status 130") {
  ScriptedServer server(echo_script);
  Process load(load_command(server.address(), {"-d", "1h", "-c", "2", "-i", "10ms"}));
  load.wait_for_error("s p99 ");  // behind a time: a message has come back
  load.signal(SIGINT);
  CHECK(load.wait() == 130);
  const json result = json::parse(load.output());
  CHECK(result.at("partial") == true);
  CHECK(result.at("messages").at("echoed") > 0);
  CHECK(result.at("messages").at("lost") == 0);
  CHECK(result.at("duration_s") > 0.0);
  CHECK(result.at("duration_s") < 3600.0);
}

TEST_CASE("SIGINT ends a run against a server that answers nothing") {
  ScriptedServer server([](Socket& client, int) { client.receive_until_end(); });
  Process load(load_command(server.address(), {"-d", "1h", "--timeout", "1h", "-i", "10ms"}));
  load.wait_for_error("connections 10");
  load.signal(SIGINT);
  CHECK(load.wait() == 130);
  const json messages = json::parse(load.output()).at("messages");
  CHECK(messages.at("sent") == 10);  // and unanswered: neither lost nor timed out
  CHECK(messages.at("lost") == 0);
  CHECK(messages.at("timed_out") == 0);
}

}  // namespace
}  // namespace echo::testing
