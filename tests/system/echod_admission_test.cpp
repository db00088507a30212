#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/socket.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

bool is_mistake(const std::vector<std::string>& options, const std::string& line) {
  std::vector<std::string> command{ECHOD_PATH};
  command.insert(command.end(), options.begin(), options.end());
  const Finished echod = run_program(command);
  CAPTURE(echod.errors);
  CHECK(echod.status == 2);
  CHECK(count(echod.errors, "\n") == 1);
  CHECK(echod.errors.find(line) != std::string::npos);
  return echod.status == 2;
}

TEST_CASE("mistakes about who may connect are told before anything is bound") {
  CHECK(is_mistake({"--allow", "10.0.0.0/8", "--deny", "10.0.0.0/8"},
                   "contradiction: 10.0.0.0/8 is both allowed and denied"));
  CHECK(is_mistake({"--deny", "10.0.0.1/8"}, "'10.0.0.1/8' is not a block of addresses"));
  CHECK(is_mistake({"--max-connections", "0"}, "'0' is not a number from 1 to"));
  CHECK(is_mistake({"--max-per-address", "x"}, "'x' is not a count"));
  CHECK(is_mistake({"--when-full", "perhaps"}, "'perhaps' is not one of reject, wait"));
}

TEST_CASE("refusals are logged once a second with the number suppressed") {
  Echod echod({"--listen", "127.0.0.1:0", "--max-connections", "1"});
  const auto begin = std::chrono::steady_clock::now();
  Socket served = Socket::connect(echod.address());
  served.send("x");
  CHECK(served.receive(1) == "x");
  for (int i = 0; i < 100; ++i) CHECK(Socket::connect(echod.address()).receive_until_end() == "");
  echod.wait_for_log("client 2 closed: full, in=0 out=0, lasted 0.000 s");
  CHECK(echod.stop() == 0);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(  // how long it may have logged
      std::chrono::steady_clock::now() - begin);
  CHECK(count(echod.log(), "closed: full") <= static_cast<std::size_t>(seconds.count()) + 1);
  CHECK(echod.log().find("stopped: 1 served, 0 forced") != std::string::npos);
}

TEST_CASE("with few descriptors every client is served in turn") {
  Process echod({"prlimit", "--nofile=32:32", ECHOD_PATH, "--listen", "127.0.0.1:0"});
  const std::string listening = echod.wait_for_error("listening on ");
  const std::string address = listening.substr(listening.rfind(' ') + 1);
  CHECK(count(echod.errors(), "max-connections lowered from 10000 to ") == 1);
  CHECK(count(echod.errors(), "at most 32 open files (RLIMIT_NOFILE)") == 1);
  std::vector<Socket> clients;
  for (int i = 0; i < 64; ++i) {
    clients.push_back(Socket::connect(address));
    clients.back().send("in turn");
  }
  for (Socket& client : clients) {
    CHECK(client.receive(7) == "in turn");
    client.close();
  }
  echod.signal(SIGTERM);
  CHECK(echod.wait() == 0);
  CHECK(count(echod.errors(), "stopped: 64 served, 0 forced") == 1);
}

bool is_served(Socket& client) {
  try {
    return client.try_send("hello") && client.receive_some() == "hello";
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::connection_reset) return false;
    throw;
  }
}

TEST_CASE("without threads clients are refused one by one and later ones served") {
  if (::getuid() != 0) {
    MESSAGE("skipped: needs root to run echod as another user");
    return;
  }
  const std::vector<std::string> as_user{"prlimit", "--nproc=20", "setpriv", "--reuid=54321",
                                         "--clear-groups"};
  const auto start = [&](std::vector<std::string> command) {
    command.insert(command.begin(), as_user.begin(), as_user.end());
    return std::make_unique<Process>(command);
  };
  const auto echod = start({ECHOD_PATH, "--listen", "127.0.0.1:0", "--heartbeat", "0"});
  const std::string listening = echod->wait_for_error("listening on ");
  const std::string address = listening.substr(listening.rfind(' ') + 1);
  // What echod cannot know: the user's other processes take from the same limit.
  std::vector<std::unique_ptr<Process>> others;
  for (int i = 0; i < 10; ++i) {
    others.push_back(start({"sh", "-c", "echo here; exec sleep 1000"}));
    others.back()->wait_for_output("here");
  }

  std::vector<Socket> clients;
  std::size_t served = 0;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(Socket::connect(address));
    served += is_served(clients.back()) ? 1 : 0;
  }
  CHECK(served >= 1);
  CHECK(served < 10);
  echod->wait_for_error(" closed: no_resources, in=0 out=0, lasted 0.000 s: cannot start a thread");

  others.clear();
  for (int i = 0; i < 2; ++i) {
    clients.push_back(Socket::connect(address));
    CHECK(is_served(clients.back()));
  }
  clients.clear();
  echod->signal(SIGTERM);
  CHECK(echod->wait() == 0);
  const std::string stopped = "stopped: " + std::to_string(served + 2) + " served, 0 forced";
  CHECK(count(echod->errors(), stopped) == 1);
}

}  // namespace
}  // namespace echo::testing
