#include "server/core/workers.h"

#include <dirent.h>
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <asio/ip/tcp.hpp>

#include "server/core/options.h"
#include "tests/support/eventually.h"
#include "tests/support/socket.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using testing::eventually;
using testing::Socket;

constexpr auto kParkTime = 1s;  // how long a parked worker waits at least

struct WorkersFixture {
  Stats stats;
  TimerThread timers;
  SessionRegistry sessions{stats};
  Workers workers{sessions, timers, SessionLimits{}, Options{}.stack_size};

  ~WorkersFixture() { sessions.reset(); }

  // The client's end of a connection that a worker serves.
  Socket connect(Admission::Ticket ticket = {}) {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    AcceptedConnection connection{.number = stats.count_accepted(),
                                  .socket = Descriptor(ends[0]),
                                  .peer = "test",
                                  .ticket = std::move(ticket)};
    workers.hand_over(connection);
    return Socket(Descriptor(ends[1]));
  }

  bool counts_become(std::size_t busy, std::size_t parked) {
    return eventually([&] {
      const auto counts = workers.counts();
      return counts.busy == busy && counts.parked == parked;
    });
  }
};

void echo_once(Socket& client, const std::string& text) {
  client.send(text);
  CHECK(client.receive(text.size()) == text);
}

TEST_CASE("each connection has a worker of its own") {
  WorkersFixture house;
  std::vector<Socket> clients;
  for (int i = 0; i < 10; ++i) clients.push_back(house.connect());
  for (Socket& client : clients) echo_once(client, "hello");
  CHECK(house.workers.counts().busy == 10);
  CHECK(house.workers.counts().created == 10);
}

TEST_CASE("a worker without a connection is reused before a new one is made") {
  WorkersFixture house;
  auto parked = Clock::now();
  for (int i = 0; i < 200; ++i) {
    Socket client = house.connect();
    echo_once(client, "again");
    client.finish_sending();
    CHECK(client.receive_until_end().empty());
    // On a busy machine the worker may have retired before the client came.
    if (Clock::now() - parked < kParkTime) CHECK(house.workers.counts().threads == 1);
    parked = Clock::now();
  }
  CHECK(house.workers.counts().failed == 0);
}

TEST_CASE("a client that has seen the end of its connection has its place free and no new thread") {
  Admission admission({.max_connections = 1});
  WorkersFixture house;
  for (int i = 0; i < 2000; ++i) {
    auto admitted = admission.admit(asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 9));
    REQUIRE(std::holds_alternative<Admission::Ticket>(admitted));
    Socket client = house.connect(std::get<Admission::Ticket>(std::move(admitted)));
    client.finish_sending();
    CHECK(client.receive_until_end().empty());
    CHECK(house.workers.counts().threads == 1);
  }
}

TEST_CASE("clients that come when all parked workers retire need no more threads than clients") {
  constexpr std::size_t kClients = 100;
  WorkersFixture house;
  for (int round = 0; round < 3; ++round) {
    std::vector<Socket> clients;
    for (std::size_t i = 0; i < kClients; ++i) {
      clients.push_back(house.connect());
      CHECK(house.workers.counts().threads <= kClients);
    }
    clients.clear();
    // The first may retire before the last has parked.
    CHECK(eventually([&] { return house.workers.counts().busy == 0; }));
    // They all retire at about the same moment: begin in the middle of it.
    CHECK(eventually([&] { return house.workers.counts().parked < kClients; }));
  }
}

TEST_CASE("workers that have been parked for long retire") {
  WorkersFixture house;
  std::vector<Socket> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(house.connect());
  CHECK(house.counts_become(5, 0));
  const auto last_left = Clock::now();
  clients.clear();
  CHECK(house.counts_become(0, 0));
  CHECK(Clock::now() - last_left >= kParkTime);
  CHECK(eventually([&] { return house.workers.counts().threads <= 1; }));  // the last to retire
  Socket late = house.connect();
  echo_once(late, "a new worker serves");
}

TEST_CASE("the idle descriptor tells when no worker is busy") {
  WorkersFixture house;
  Socket client = house.connect();
  echo_once(client, "busy");
  house.workers.watch_idle();
  pollfd event{house.workers.idle_descriptor(), POLLIN, 0};
  CHECK(::poll(&event, 1, 0) == 0);
  client.close();
  CHECK(::poll(&event, 1, 100'000) == 1);
}

bool kernel_shows_thread(const std::string& wanted) {
  DIR* tasks = ::opendir("/proc/self/task");
  bool found = false;
  while (const dirent* task = ::readdir(tasks)) {
    std::ifstream file("/proc/self/task/" + std::string(task->d_name) + "/comm");
    std::string name;
    found = found || (std::getline(file, name) && name == wanted);
  }
  ::closedir(tasks);
  return found;
}

TEST_CASE("a worker shows its name to the kernel") {
  WorkersFixture house;
  Socket client = house.connect();
  CHECK(eventually([] { return kernel_shows_thread("worker-1"); }));
  CHECK_FALSE(kernel_shows_thread("worker-2"));
}

}  // namespace
}  // namespace echo
