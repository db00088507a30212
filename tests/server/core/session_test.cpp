#include "server/core/session.h"

#include <doctest/doctest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <optional>
#include <string>

#include "server/core/socket_stream.h"
#include "tests/server/core/tcp_pair.h"
#include "tests/support/eventually.h"
#include "tests/support/socket.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::eventually;
using testing::Socket;

// A session whose worker is the test; `client` is the other end.
struct SessionFixture {
  explicit SessionFixture(const SessionLimits& limits = {}) {
    auto [server, other] = testing::tcp_pair();
    client.emplace(std::move(other));
    session.emplace(
        AcceptedConnection{.number = 7, .socket = std::move(server), .peer = "127.0.0.1:9"}, limits,
        buffer, timers, stats);
    session->begin();
  }

  TimerThread timers;
  Stats stats;
  Buffer buffer;
  std::optional<Socket> client;
  std::optional<Session> session;
};

int option(int socket, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  REQUIRE(::getsockopt(socket, level, name, &value, &size) == 0);
  return value;
}

// A peer that always has more to say and takes everything.
struct EndlessStream {
  ssize_t receive(std::span<std::byte> space) const { return static_cast<ssize_t>(space.size()); }
  ssize_t send(std::span<const std::byte> bytes) const {
    return static_cast<ssize_t>(bytes.size());
  }
};

TEST_CASE("a session tells how it ended") {
  SessionFixture house;
  SpinPermits permits(0);
  WaitingStream stream(house.session->socket(), permits, 0ns);
  house.client->send("hello");
  CHECK(house.session->advance(stream) == Echo::Next::receive);
  CHECK(house.client->receive(5) == "hello");
  CHECK(house.stats.snapshot().first_read.count() == 1);
  house.client->finish_sending();
  CHECK(house.session->advance(stream) == Echo::Next::end);
  const ClosedConnection closed = house.session->finish();
  CHECK(closed.number == 7);
  CHECK(closed.address == "127.0.0.1:9");
  CHECK(closed.cause == CloseCause::peer_closed);
  CHECK(closed.received == 5);
  CHECK(closed.sent == 5);
  CHECK(closed.lasted > 0ns);
  CHECK_FALSE(house.session->is_forced());
  CHECK(house.client->receive_until_end().empty());
}

// Otherwise its worker would ask again and again, and others wait for their turn, until a timeout.
TEST_CASE("a client that resets after its half-close ends the session at once") {
  SessionFixture house;
  SocketStream stream(house.session->socket());
  const int small = 4096;
  ::setsockopt(house.client->descriptor(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  house.client->send(std::string(100'000, 'x'));
  house.client->finish_sending();
  // All is with the kernel, which cannot send it.
  CHECK(eventually([&] {
    const Echo::Next next = house.session->advance(stream);
    return next == Echo::Next::send && house.session->sent() == 100'000;
  }));
  CHECK(house.session->advance(stream) == Echo::Next::send);
  house.client->reset();
  CHECK(eventually([&] { return house.session->advance(stream) == Echo::Next::end; }));
  CHECK(house.session->finish().cause == CloseCause::peer_reset);
  CHECK_FALSE(house.session->is_forced());
}

TEST_CASE("a client that sends again once it was found idle is reset all the same") {
  for (const SessionLimits& limits :
       {SessionLimits{.idle_timeout = 20ms}, SessionLimits{.max_lifetime = 20ms}}) {
    SessionFixture house(limits);
    // The verdict shuts the socket down for receiving, which this stream knows nothing of.
    char byte = 0;
    CHECK(::recv(house.session->socket(), &byte, 1, 0) == 0);
    EndlessStream stream;
    while (house.session->advance(stream) != Echo::Next::end) {
    }
    CHECK(house.session->is_forced());
    const auto expected = limits.idle_timeout > 0ns ? CloseCause::idle : CloseCause::lifetime;
    CHECK(house.session->finish().cause == expected);
    CHECK(house.client->is_reset());
  }
}

TEST_CASE("a drain does not keep the limits from ending a session") {
  SessionFixture house({.max_lifetime = 100ms});
  house.session->drain();
  EndlessStream stream;
  while (house.session->advance(stream) != Echo::Next::end) {
  }
  CHECK(house.session->is_forced());
  CHECK(house.session->finish().cause == CloseCause::lifetime);
}

TEST_CASE("a reset ends a session at once and no end of the stream goes before it") {
  SessionFixture house;
  EndlessStream stream;
  CHECK(house.session->advance(stream) == Echo::Next::again);
  house.session->reset();
  CHECK(house.session->advance(stream) == Echo::Next::end);
  // Nothing has told the client yet: an end of the stream here would hide that bytes are lost.
  char byte = 0;
  CHECK(::recv(house.client->descriptor(), &byte, 1, MSG_DONTWAIT) == -1);
  CHECK(errno == EAGAIN);
  CHECK(house.session->finish().cause == CloseCause::drained);
  CHECK(house.client->is_reset());
}

TEST_CASE("a peer that vanished is given up only after several keepalive probes") {
  SessionFixture house({.write_timeout = 30s, .keepalive = 45s});
  const int socket = house.session->socket();
  CHECK(option(socket, SOL_SOCKET, SO_KEEPALIVE) == 1);
  CHECK(option(socket, IPPROTO_TCP, TCP_KEEPIDLE) == 45);
  CHECK(option(socket, IPPROTO_TCP, TCP_KEEPINTVL) == 7);
  CHECK(option(socket, IPPROTO_TCP, TCP_KEEPCNT) == 6);
  CHECK(option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT) == 0);  // else the count does not hold
}

TEST_CASE("a session without keepalive never asks its peer") {
  SessionFixture house({.keepalive = 0s});
  CHECK(option(house.session->socket(), SOL_SOCKET, SO_KEEPALIVE) == 0);
}

TEST_CASE("a session is silent from its last byte on") {
  SessionFixture house({.idle_timeout = 1h});
  const auto begin = Session::Clock::now();
  CHECK(house.session->silent_since(begin));
  EndlessStream stream;
  house.session->advance(stream);
  CHECK_FALSE(house.session->silent_since(begin));
  CHECK(house.session->silent_since(Session::Clock::now()));
}

}  // namespace
}  // namespace echo
