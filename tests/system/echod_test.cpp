#include "tests/system/echod.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "tests/support/descriptor_limit.h"
#include "tests/support/eventually.h"
#include "tests/support/proc.h"
#include "tests/support/process.h"
#include "tests/support/random_bytes.h"
#include "tests/support/socket.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"
#include "tests/system/logging_echod.h"

namespace echo::testing {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

TEST_CASE("netcat gets a file of any size back over IPv4") {
  Echod echod({"--listen", "127.0.0.1:0"});
  for (const std::size_t size : {0UL, 1UL, 50'000'000UL}) {
    CAPTURE(size);
    const std::string bytes = random_bytes(size);
    CHECK(run_program({"nc", "-N", "127.0.0.1", echod.port()}, bytes).output == bytes);
  }
}

TEST_CASE("netcat gets a file back over IPv6 and a unix socket") {
  const TemporaryFolder folder;
  const std::string path = folder.file("socket");
  Echod echod({"--listen", "[::1]:0", "--listen", "unix:" + path});
  const std::string bytes = random_bytes(5'000'000);
  CHECK(run_program({"nc", "-N", "::1", echod.port()}, bytes).output == bytes);
  CHECK(run_program({"nc", "-NU", path}, bytes).output == bytes);
}

TEST_CASE("echoc talks with echod over every kind of address") {
  const TemporaryFolder folder;
  const std::string path = folder.file("socket");
  Echod echod({"--listen", ":0", "--listen", "unix:" + path});
  const std::string bytes = random_bytes(5'000'000);
  const std::vector<std::string> addresses{":" + echod.port(), "localhost:" + echod.port(),
                                           "127.0.0.1:" + echod.port(), "[::1]:" + echod.port(),
                                           "unix:" + path};
  for (const std::string& address : addresses) {
    CAPTURE(address);
    const Finished talk = run_program({ECHOC_PATH, address}, bytes);
    CHECK(talk.status == 0);
    CHECK(talk.output == bytes);
  }
  const Finished ping = run_program({ECHOC_PATH, "ping", "-n", "3", "-i", "1ms", echod.address()});
  CHECK(ping.status == 0);
}

TEST_CASE("thousands of connections are held at once and leave nothing behind" *
          doctest::test_suite("one driver")) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  constexpr int kMany = 500;  // the sanitizers' memory for each thread
#else
  constexpr int kMany = 5000;
#endif
  const auto clients_held = static_cast<std::size_t>(connections_within_limit(kMany));
  // With --log-level debug each worker has a line to format, for which the stack needs more.
  Echod echod({"--listen", "127.0.0.1:0", "--heartbeat", "0"}, {.log_level = "info"});
  [[maybe_unused]] const std::size_t memory = resident_memory(echod.id());
  const std::size_t descriptors = open_descriptors(echod.id());
  {
    std::vector<Socket> clients;
    for (std::size_t i = 0; i < clients_held; ++i)
      clients.push_back(Socket::connect(echod.address()));
    for (Socket& client : clients) client.send("held");
    for (Socket& client : clients) CHECK(client.receive(4) == "held");
    CHECK(open_descriptors(echod.id()) == descriptors + clients_held);
    CHECK(worker_threads(echod.id()) == clients_held);
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
    // Two pages of the stack, and less than one besides.
    CHECK(resident_memory(echod.id()) < memory + clients_held * (12 << 10));
#endif
  }
  CHECK(eventually([&] { return open_descriptors(echod.id()) == descriptors; }));
  CHECK(eventually([&] { return worker_threads(echod.id()) == 0; }));
  CHECK(echod.stop() == 0);
}

TEST_CASE("the heartbeat waits for the next client while nobody is connected") {
  Echod echod({"--listen", "127.0.0.1:0", "--heartbeat", "50ms"});
  echod.wait_for_log("[timers] Waiting for client 1...");
  Socket::connect(echod.address());
  echod.wait_for_log("[timers] Waiting for client 2...");
}

TEST_CASE("the heartbeat waits for each silent client") {
  Echod echod({"--listen", "127.0.0.1:0", "--heartbeat", "300ms"});
  const Socket first = Socket::connect(echod.address());
  const Socket second = Socket::connect(echod.address());
  echod.wait_for_log("Waiting for client 1...");
  echod.wait_for_log("Waiting for client 2...");
}

TEST_CASE("the heartbeat does not wait for clients that talk") {
  Echod echod({"--listen", "127.0.0.1:0", "--heartbeat", "5s"});
  Socket client = Socket::connect(echod.address());
  for (const auto until = Clock::now() + 11s; Clock::now() < until;) {
    client.send("talk");
    CHECK(client.receive(4) == "talk");
  }
  CHECK(echod.stop() == 0);
  CHECK(count(echod.log(), "Waiting for client") == 0);
}

TEST_CASE("the heartbeat names ten silent clients and counts the others") {
  // Without the lines of workers that get their turn late: those of a beat stand together.
  Echod echod({"--listen", "127.0.0.1:0", "--heartbeat", "2s"}, {.log_level = "info"});
  std::vector<Socket> clients;
  for (int i = 0; i < 13; ++i) clients.push_back(Socket::connect(echod.address()));
  echod.wait_for_log("... and 3 more");
  // In this beat. In the one before, some of them may not have been silent for so long.
  const std::vector<std::string> lines = lines_of(echod.log());
  const auto more = std::ranges::find_if(
      lines, [](const std::string& line) { return line.ends_with("... and 3 more"); });
  REQUIRE(more - lines.begin() >= 10);
  for (int client = 1; client <= 10; ++client) {
    CHECK((more - 11 + client)->ends_with("Waiting for client " + std::to_string(client) + "..."));
  }
}

TEST_CASE("the log tells who connected and how it ended" * doctest::test_suite("one driver")) {
  Echod echod({"--listen", "127.0.0.1:0", "--idle-timeout", "2s"});
  {
    Socket client = Socket::connect(echod.address());
    client.send("12345");
    CHECK(client.receive(5) == "12345");
    client.finish_sending();
    CHECK(client.receive_until_end().empty());
  }
  Socket silent = Socket::connect(echod.address());
  CHECK(silent.receive_until_end().empty());
  CHECK(echod.stop() == 0);
  CAPTURE(echod.log());
  CHECK(count(echod.log(), "debug [worker-1] client 1 connected from 127.0.0.1:") == 1);
  CHECK(count(echod.log(), "client 1 closed: peer_closed, in=5 out=5, lasted ") == 1);
  CHECK(count(echod.log(), "client 2 closed: idle, in=0 out=0, lasted ") == 1);
  CHECK(count(echod.log(), "[echod] draining: ") == 1);
  CHECK(count(echod.log(), "[echod] stopped: 2 served, 0 forced") == 1);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("the program is hardened whatever the build type is") {
  const Finished program = run_program({"readelf", "-Whld", ECHOD_PATH});
  REQUIRE(program.status == 0);
  CHECK(program.output.find("DYN (Position-Independent Executable") != std::string::npos);
  CHECK(program.output.find("GNU_RELRO") != std::string::npos);
  CHECK(program.output.find("BIND_NOW") != std::string::npos);
  CHECK(program.output.find(" RWE ") == std::string::npos);  // no stack that can be executed
}
#endif

}  // namespace
}  // namespace echo::testing
