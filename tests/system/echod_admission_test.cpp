#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/socket.h"
#include "tests/support/text.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

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
  // Every one of them is told, be it by number only.
  std::size_t told = count(echod.log(), "closed: full");
  std::istringstream lines(echod.log());
  for (std::string line; std::getline(lines, line);) {
    const std::size_t end = line.find(" more suppressed)");
    if (line.find(": full") == line.npos || end == line.npos) continue;
    told += std::stoul(line.substr(line.rfind('(', end) + 1));
  }
  CHECK(told == 100);
}

// A connection from another address of this machine.
Socket connect_from(std::uint32_t source, const Echod& echod) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(source);
  const auto* any = reinterpret_cast<const sockaddr*>(&address);
  REQUIRE(::bind(socket.get(), any, sizeof address) == 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(echod.port())));
  REQUIRE(::connect(socket.get(), any, sizeof address) == 0);
  return Socket(std::move(socket));
}

TEST_CASE("at the limit on connections the log names the address that holds the most") {
  for (const std::string mode : {"reject", "wait"}) {
    Echod echod({"--listen", "127.0.0.1:0", "--max-connections", "3", "--when-full", mode});
    std::vector<Socket> clients;
    for (const std::uint32_t last : {1U, 2U, 2U, 3U, 3U}) {
      clients.push_back(connect_from(0x7F000000U + last, echod));
    }
    echod.wait_for_log("at the limit of 3 on connections; no address holds more than 127.0.0.2: 2");
    CHECK(echod.stop() == 0);
    CHECK(count(echod.log(), "at the limit") == 1);
  }
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

}  // namespace
}  // namespace echo::testing
