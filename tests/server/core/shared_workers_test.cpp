#include "server/core/shared_workers.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <asio/ip/tcp.hpp>

#include "common/thread.h"
#include "tests/server/core/shared_workers_fixture.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::eventually;
using testing::interest_in;
using testing::SharedWorkersFixture;
using testing::WatchedClient;

// What a worker waits for until a client sends.
constexpr std::uint32_t kBytes = EPOLLIN | EPOLLRDHUP;

TEST_CASE("a connection goes to the shared worker with the fewest") {
  SharedWorkersFixture house(3);
  house.workers.start();
  std::vector<WatchedClient> clients;
  for (std::size_t i = 0; i < 6; ++i) {
    clients.push_back(house.connect());
    CHECK(house.workers.counts().busy == std::min<std::size_t>(i + 1, 3));
  }
  for (WatchedClient& client : clients) client.check_echo("hello");
  // Both of the first worker, where only new ones may go now.
  clients[0].socket.close();
  clients[3].socket.close();
  CHECK(house.busy_becomes(2));
  WatchedClient late = house.connect();
  CHECK(house.workers.counts().busy == 3);
  clients.push_back(house.connect());
  late.socket.close();
  clients.back().socket.close();
  CHECK(house.busy_becomes(2));
  CHECK(house.workers.counts().threads == 3);
}

TEST_CASE("what is handed over before shared workers start is served once they do") {
  SharedWorkersFixture house;
  WatchedClient client = house.connect();
  client.socket.send("early");
  house.workers.start();
  CHECK(client.socket.receive(5) == "early");
}

TEST_CASE("a shared worker sees the end and the urgent byte behind the bytes that it was told of") {
  SharedWorkersFixture house;
  WatchedClient client = house.connect();
  client.socket.send("a");
  REQUIRE(::send(client.socket.descriptor(), "bU", 2, MSG_OOB) == 2);
  client.socket.send("c");
  client.socket.finish_sending();
  house.workers.start();
  CHECK(client.socket.receive_until_end() == "abUc");
  WatchedClient urgent = house.connect();
  for (int i = 0; i < 100; ++i) {
    REQUIRE(::send(urgent.socket.descriptor(), "abU", 3, MSG_OOB) == 3);
    CHECK(urgent.socket.receive(3) == "abU");
  }
}

TEST_CASE("a shared worker watches a client for what its next step waits for") {
  SharedWorkersFixture house;
  house.workers.start();
  WatchedClient client = house.connect();
  CHECK(interest_in(client.served) == kBytes);
  for (int i = 0; i < 10; ++i) client.check_echo("fits");
  CHECK(interest_in(client.served) == kBytes);
  client.stall();
  CHECK(client.interest_becomes(EPOLLOUT | EPOLLRDHUP));
  client.take_all();
  CHECK(client.interest_becomes(kBytes));
  client.stall();
  client.socket.finish_sending();
  CHECK(client.interest_becomes(EPOLLOUT));
  client.take_all();
  CHECK(client.socket.receive_until_end().empty());
}

TEST_CASE("a shared worker ends a client that takes nothing as soon as it is told") {
  for (const bool half_closed : {false, true}) {
    SharedWorkersFixture house;
    house.workers.start();
    WatchedClient client = house.connect();
    client.stall();
    if (half_closed) {
      client.socket.finish_sending();
      CHECK(client.interest_becomes(EPOLLOUT));
    }
    house.sessions.reset();
    CHECK(eventually([&] { return house.sessions.forced() == 1; }));
    CHECK(client.socket.is_reset());
  }
}

#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)  // they map memory of their own
// Memory that is mapped without a file, be it used or not; not the heap, which has a name.
std::size_t mapped_bytes() {
  std::ifstream maps("/proc/self/maps");
  std::size_t bytes = 0;
  for (std::string line; std::getline(maps, line);) {
    std::istringstream words(line);
    std::size_t begin = 0;
    std::size_t end = 0;
    char dash = 0;
    std::string rights, offset, device, inode, name;
    words >> std::hex >> begin >> dash >> end >> rights >> offset >> device >> inode >> name;
    if (name.empty() && rights == "rw-p") bytes += end - begin;
  }
  return bytes;
}

TEST_CASE("only a client that does not take its bytes costs a shared worker a buffer") {
  constexpr std::size_t kClients = 30;
  constexpr std::size_t kOther = 10 * Buffer::kLarge;  // whatever else this process maps meanwhile
  SharedWorkersFixture house;
  house.workers.start();
  house.connect().stall();
  CHECK(house.busy_becomes(0));
  const std::size_t before = mapped_bytes();
  std::vector<WatchedClient> clients;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.push_back(house.connect());
    clients.back().check_echo(std::string(20'000, 'x'));
  }
  CHECK(mapped_bytes() < before + kOther);
  for (WatchedClient& client : clients) client.stall();
  CHECK(mapped_bytes() >= before + kClients * Buffer::kLarge - kOther);
  for (WatchedClient& client : clients) client.take_all();
  for (const WatchedClient& client : clients) CHECK(client.interest_becomes(kBytes));
  CHECK(mapped_bytes() < before + kOther);
}
#endif

TEST_CASE("a client that has seen its end has its place in a shared worker free") {
  Admission admission({.max_connections = 1});
  SharedWorkersFixture house(2);
  house.workers.start();
  for (int i = 0; i < 500; ++i) {
    auto admitted = admission.admit(asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 9));
    REQUIRE(std::holds_alternative<Admission::Ticket>(admitted));
    auto ends = testing::tcp_pair();
    ends.second.finish_sending();  // so that it may end while it is being handed over
    WatchedClient client =
        house.hand_over(std::move(ends), std::get<Admission::Ticket>(std::move(admitted)));
    CHECK(client.socket.receive_until_end().empty());
  }
  CHECK(house.closed_becomes(CloseCause::peer_closed, 500));
}

TEST_CASE("new limits hold for the clients that shared workers get from then on") {
  SharedWorkersFixture house;
  house.workers.start();
  WatchedClient before = house.connect();
  house.workers.set_limits({.idle_timeout = 50ms});
  WatchedClient after = house.connect();
  CHECK(after.socket.receive_until_end().empty());
  CHECK(house.closed_becomes(CloseCause::idle, 1));
  before.check_echo("still here");
}

TEST_CASE("a drain has shared workers echo what they have received and a stop waits for it") {
  SharedWorkersFixture house(2);
  house.workers.start();
  WatchedClient silent = house.connect();
  WatchedClient slow = house.connect();
  const int small = 4096;
  ::setsockopt(slow.socket.descriptor(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  const std::string text(100'000, 'd');
  slow.socket.send(text);
  CHECK(eventually([&] { return house.sessions.snapshot().bytes_in == text.size(); }));
  house.sessions.drain();
  CHECK(silent.socket.receive_until_end().empty());
  Thread reader("reader", [&] { CHECK(slow.socket.receive_until_end() == text); });
  house.workers.stop();
  CHECK(house.workers.counts().busy == 0);
  CHECK(house.sessions.snapshot().bytes_out == text.size());
  CHECK(house.sessions.forced() == 0);
}

TEST_CASE("the idle descriptor tells when shared workers have no connection left") {
  SharedWorkersFixture house(2);
  house.workers.start();
  WatchedClient one = house.connect();
  WatchedClient other = house.connect();
  house.workers.watch_idle();
  pollfd event{house.workers.idle_descriptor(), POLLIN, 0};
  one.socket.close();
  CHECK(house.busy_becomes(1));
  CHECK(::poll(&event, 1, 0) == 0);
  other.socket.close();
  CHECK(::poll(&event, 1, 100'000) == 1);
}

TEST_CASE("shared workers without a client are idle at once") {
  SharedWorkersFixture house;
  house.workers.start();
  house.workers.watch_idle();
  pollfd event{house.workers.idle_descriptor(), POLLIN, 0};
  CHECK(::poll(&event, 1, 0) == 1);
}

TEST_CASE("a stop closes what shared workers that never ran were handed") {
  SharedWorkersFixture house;
  WatchedClient client = house.connect();
  house.sessions.reset();
  house.workers.stop();
  CHECK(client.socket.is_reset());
  CHECK(house.sessions.forced() == 1);
}

}  // namespace
}  // namespace echo
