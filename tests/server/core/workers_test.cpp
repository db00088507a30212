#include "server/core/workers.h"

#include <dirent.h>
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include "server/config/command_line.h"
#include "tests/support/eventually.h"
#include "tests/support/socket.h"

namespace echo {
namespace {

using testing::eventually;
using testing::Socket;

struct House {
  Stats stats;
  Timers timers;
  Sessions sessions{stats};
  Workers workers{sessions, timers, SessionLimits{}, Options{}.stack_size};

  ~House() { sessions.reset(); }

  // The client's end of a connection that a worker serves.
  Socket connect() {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    Connection connection{
        .number = stats.count_accepted(), .socket = Descriptor(ends[0]), .peer = "test"};
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
  House house;
  std::vector<Socket> clients;
  for (int i = 0; i < 10; ++i) clients.push_back(house.connect());
  for (Socket& client : clients) echo_once(client, "hello");
  CHECK(house.workers.counts().busy == 10);
  CHECK(house.workers.counts().created == 10);
}

TEST_CASE("a parked worker is reused before a new one is made") {
  House house;
  for (int i = 0; i < 50; ++i) {
    Socket client = house.connect();
    echo_once(client, "again");
    client.close();
    CHECK(eventually([&] { return house.workers.counts().busy == 0; }));
    CHECK(house.workers.counts().parked <= 1);
  }
  CHECK(house.workers.counts().created >= 1);
  CHECK(house.workers.counts().failed == 0);
}

TEST_CASE("workers that have been parked for long retire") {
  House house;
  std::vector<Socket> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(house.connect());
  CHECK(house.counts_become(5, 0));
  clients.clear();
  CHECK(house.counts_become(0, 5));
  CHECK(house.counts_become(0, 0));
  Socket late = house.connect();
  echo_once(late, "a new worker serves");
}

TEST_CASE("the idle descriptor tells when no worker is busy") {
  House house;
  Socket client = house.connect();
  echo_once(client, "busy");
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
  House house;
  Socket client = house.connect();
  CHECK(eventually([] { return kernel_shows_thread("worker-1"); }));
  CHECK_FALSE(kernel_shows_thread("worker-2"));
}

}  // namespace
}  // namespace echo
