#include "server/core/session_registry.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <optional>

#include "common/thread.h"
#include "server/core/socket_stream.h"
#include "tests/support/eventually.h"
#include "tests/support/socket.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::eventually;
using testing::Socket;
using Clock = std::chrono::steady_clock;

struct SessionRegistryFixture {
  Stats stats;
  TimerThread timers;
  SessionRegistry sessions{stats};
  SpinPermits permits{0};

  bool live_become(std::size_t count) {
    return eventually(
        [&] { return sessions.silent_since(Clock::now() + 1h, 100).listed.size() == count; });
  }
};

// A session on one end of a socket pair, run by a thread of its own; the test has the other end.
class Running {
 public:
  Running(SessionRegistryFixture& house, std::uint64_t number) {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    client.emplace(Descriptor(ends[1]));
    thread_.emplace("session", [&house, number, server = ends[0]] {
      Buffer buffer;
      Session session({.number = number, .socket = Descriptor(server), .peer = "test"}, {}, buffer,
                      house.timers, house.stats);
      SessionRegistry::Entry entry(house.sessions, session);
      session.begin();
      WaitingStream stream(session.socket(), house.permits, 0ns);
      while (session.advance(stream) != Echo::Next::end) stream.wait_for_room(session.is_ended());
      entry.set_cause(session.finish().cause);
    });
  }

  std::optional<Socket> client;

 private:
  std::optional<Thread> thread_;
};

TEST_CASE("a session that comes while the others drain is drained too") {
  SessionRegistryFixture house;
  house.sessions.drain();
  Running late(house, 1);
  CHECK(late.client->receive_until_end().empty());
  CHECK(eventually([&] { return house.stats.snapshot().closed_as(CloseCause::drained) == 1; }));
  CHECK(house.sessions.forced() == 0);
}

TEST_CASE("a session that comes after the reset is reset too") {
  SessionRegistryFixture house;
  house.sessions.reset();
  Running late(house, 1);
  CHECK(late.client->receive_until_end().empty());
  CHECK(eventually([&] { return house.sessions.forced() == 1; }));
}

TEST_CASE("sessions are known while they run and counted when they end") {
  SessionRegistryFixture house;
  {
    Running one(house, 1);
    Running two(house, 2);
    one.client->send("12345");
    CHECK(one.client->receive(5) == "12345");
    CHECK(house.live_become(2));
    CHECK(eventually([&] { return house.sessions.snapshot().bytes_out == 5; }));
    CHECK(house.sessions.snapshot().bytes_in == 5);
    CHECK(house.stats.snapshot().bytes_in == 0);
    one.client.reset();
    two.client.reset();
  }
  CHECK(house.live_become(0));
  CHECK(house.stats.snapshot().bytes_in == 5);
  CHECK(house.sessions.snapshot().bytes_in == 5);
  CHECK(house.stats.snapshot().closed_as(CloseCause::peer_closed) == 2);
}

TEST_CASE("only those are silent who have moved no byte since") {
  SessionRegistryFixture house;
  Running quiet(house, 1);
  Running talking(house, 2);
  CHECK(house.live_become(2));
  const auto now = Clock::now();
  talking.client->send("x");
  CHECK(talking.client->receive(1) == "x");
  CHECK(eventually([&] { return house.sessions.silent_since(now, 100).listed.size() == 1; }));
  CHECK(house.sessions.silent_since(now, 100).listed.front() == 1);
  CHECK_FALSE(house.sessions.silent_since(now, 100).none_connected);
  // Its progress is marked only after its bytes have left.
  CHECK(eventually([&] { return house.sessions.silent_since(Clock::now(), 1).omitted == 1; }));
  quiet.client.reset();
  talking.client.reset();
}

}  // namespace
}  // namespace echo
