// Names that stand for several addresses, move, or can't be resolved.
#include <doctest/doctest.h>

#include <csignal>
#include <string>
#include <vector>

#include "tests/support/preload.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/echoc_load.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

using Words = std::vector<std::string>;

std::string preloaded_names() {
  static const TemporaryFolder folder;
  static const std::string value = preload(folder, SANITIZER_RUNTIME, FAKE_NAMES_LIBRARY);
  return value;
}

Process::Settings with_names(const std::string& names) {
  return {.input_file = {},
          .output_file = {},
          .environment = {preloaded_names(), "FAKE_NAMES=" + names}};
}

std::string port_of(const ScriptedServer& server) {
  return server.address().substr(server.address().rfind(':') + 1);
}

TEST_CASE("a name server that does not answer is no reason to go on after a signal") {
  for (const std::string command : {"talk", "ping", "load"}) {
    for (const int signal : {SIGINT, SIGTERM}) {
      CAPTURE(command);
      Process process({ECHOC_PATH, command, "slow:7"}, with_names("slow="));
      process.wait_for_error("resolving slow");
      process.signal(signal);
      CHECK(process.wait() == 130);
      const bool is_load = command == "load";  // the others have no result
      CHECK(process.errors() ==
            std::string("resolving slow\n") +
                (is_load ? "echoc: interrupted before a message was measured\n" : ""));
      CHECK(process.output() == "");
    }
  }
}

TEST_CASE("an interruption before the name is resolved gives standard output its object") {
  for (const Words& words : {Words{}, Words{"--find-rate", "p99<1s"}, Words{":7"}}) {
    std::vector<std::string> command{ECHOC_PATH, "load", "--json", "-", "slow:7"};
    command.insert(command.end(), words.begin(), words.end());
    Process load(command, with_names("slow="));
    load.wait_for_error("resolving slow");
    load.signal(SIGINT);
    CHECK(load.wait() == 130);
    const auto result = nlohmann::json::parse(load.output());
    CHECK(result.at("partial") == true);
    CHECK(result.at("error") == "interrupted before a message was measured");
    CHECK(load.errors() == "resolving slow\nechoc: interrupted before a message was measured\n");
  }
}

TEST_CASE("an interruption before the name is resolved leaves the old result as it was") {
  const TemporaryFolder folder;
  write_file(folder.file("json"), "old");
  Process load({ECHOC_PATH, "load", "slow:7", "--json", folder.file("json")}, with_names("slow="));
  load.wait_for_error("resolving slow");
  load.signal(SIGINT);
  CHECK(load.wait() == 130);
  CHECK(read_file(folder.file("json")) == "old");
}

TEST_CASE("an address that refuses is passed over by every command") {
  ScriptedServer server(echo_script);
  const std::string address = "two:" + port_of(server);
  const auto settings = with_names("two=127.0.0.2,127.0.0.1");
  Process load(
      {ECHOC_PATH, "load", address, "-c", "2", "-n", "20", "--messages-per-connection", "1"},
      settings);
  CHECK(load.wait() == 0);
  Process ping({ECHOC_PATH, "ping", address, "-n", "1"}, settings);
  CHECK(ping.wait() == 0);
  CHECK(ping.output().find("64 bytes from " + server.address()) != std::string::npos);
  Process talk({ECHOC_PATH, "talk", address}, settings);
  talk.write("hello\n");
  talk.close_input();
  CHECK(talk.wait() == 0);
  CHECK(talk.output() == "hello\n");
}

TEST_CASE("a name of several addresses is one target of several and resolved in every round") {
  ScriptedServer server(echo_script);
  Process load({ECHOC_PATH, "load", "two:" + port_of(server), server.address(), "-c", "1", "-n",
                "2", "--rounds", "3", "--json", "-"},
               with_names("two=127.0.0.2,127.0.0.1"));
  CHECK(load.wait() == 0);
  const auto targets = nlohmann::json::parse(load.output()).at("targets");
  REQUIRE(targets.size() == 2);
  CHECK(targets.at(0).at("target") == "two:" + port_of(server));
  CHECK(targets.at(0).at("runs").size() == 3);
  load.wait_for_error("resolving two", 3);
}

TEST_CASE("every address that was tried is named") {
  const std::string dead = address_without_server();
  const std::string port = dead.substr(dead.rfind(':'));
  for (const std::string command : {"talk", "ping", "load"}) {
    Process process({ECHOC_PATH, command, "two" + port}, with_names("two=127.0.0.2,127.0.0.1"));
    CHECK(process.wait() == 1);
    CHECK(process.errors() == "resolving two\nechoc: cannot connect to two" + port +
                                  ": tried 127.0.0.2" + port + " (Connection refused), 127.0.0.1" +
                                  port + " (Connection refused)\n");
  }
}

// Two servers with the same port, and a name that stands for the first one until it moves.
struct MovingServer {
  MovingServer() : first({"-l", "127.0.0.1:0"}), second({"-l", "127.0.0.2:" + first.port()}) {
    write_file(names, "moving=127.0.0.1");
  }
  void move() {
    write_file(names, "moving=127.0.0.2");
    first.stop();
  }
  std::vector<std::string> command(const std::string& name,
                                   const std::vector<std::string>& options) const {
    std::vector<std::string> words{ECHOC_PATH, name, "moving:" + first.port()};
    words.insert(words.end(), options.begin(), options.end());
    return words;
  }
  Process::Settings settings() const {
    return {.input_file = {},
            .output_file = {},
            .environment = {preloaded_names(), "FAKE_NAMES_FILE=" + names}};
  }

  TemporaryFolder folder;
  std::string names = folder.file("names");
  Echod first;
  Echod second;
};

TEST_CASE("ping finds a server whose name has moved") {
  MovingServer server;
  Process ping(server.command("ping", {"-i", "10ms"}), server.settings());
  ping.wait_for_output("64 bytes from 127.0.0.1:");
  server.move();
  ping.wait_for_output("64 bytes from 127.0.0.2:");
  ping.signal(SIGINT);
  CHECK(ping.wait() == 1);
  CHECK(ping.output().find("connected again in ") != std::string::npos);
}

TEST_CASE("a name that nobody resolves costs ping its own messages and delays no other address") {
  Echod echod({"-l", "127.0.0.1:0"});
  Process ping({ECHOC_PATH, "ping", "-n", "2", "-i", "1ms", "--connect-timeout", "200ms", "slow:7",
                echod.address()},
               with_names("slow="));
  CHECK(ping.wait() == 1);
  CHECK(ping.output().find("slow:7: seq=2 lost: its name was not resolved within 200ms\n") !=
        std::string::npos);
  CHECK(ping.output().find("--- " + echod.address() + ": 2 sent, 2 echoed, 0 lost") !=
        std::string::npos);
}

TEST_CASE("a load finds a server whose name has moved") {
  MovingServer server;
  Process load(server.command("load", {"-d", "1h", "-r", "100", "-i", "10ms"}), server.settings());
  load.wait_for_error("connections 10");
  server.move();
  server.second.wait_for_log("connected from");
  load.signal(SIGINT);
  CHECK(load.wait() == 130);
}

TEST_CASE("names that would do something to a terminal are written out by every command") {
  const TemporaryFolder folder;
  const std::string path = folder.file("\x1b[31m\n");
  Echod echod({"-l", "unix:" + path});
  for (const std::string command : {"ping", "load"}) {
    CAPTURE(command);
    const Finished good = run_program({ECHOC_PATH, command, "-n", "2", "unix:" + path});
    CHECK(good.status == 0);
    CHECK(good.output.find('\x1b') == std::string::npos);
    CHECK(good.output.find("/\\x1b[31m\\x0a") != std::string::npos);
  }
}

}  // namespace
}  // namespace echo::testing
