#include "server/core/flow.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <utility>

#include "common/descriptor.h"
#include "tests/server/core/tcp_pair.h"
#include "tests/support/eventually.h"
#include "tests/support/socket.h"

namespace echo {
namespace {

using testing::eventually;
using testing::Socket;

struct Ends {
  Socket server;
  Socket client;
};

Ends unix_ends() {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  return {Socket(Descriptor(ends[0])), Socket(Descriptor(ends[1]))};
}

Ends tcp_ends() {
  auto [server, client] = testing::tcp_pair();
  return {Socket(std::move(server)), std::move(client)};
}

void fill_socket(Socket& socket) {
  const std::string text(100'000, 'x');
  while (::send(socket.descriptor(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
  }
}

TEST_CASE("what the peer has not taken and this side has not received is seen") {
  for (Ends& ends : std::array{unix_ends(), tcp_ends()}) {
    const int socket = ends.server.descriptor();
    CHECK(flow_of(socket).unsent == 0);
    CHECK(flow_of(socket).unread == 0);
    ends.client.send("hello");
    CHECK(eventually([&] { return flow_of(socket).unread == 5; }));
    fill_socket(ends.server);
    CHECK(flow_of(socket).unsent > 0);
    const Flow before = flow_of(socket);
    // As much as the widest piece that a peer's kernel takes at once.
    ends.client.receive(200'000);
    CHECK(eventually([&] { return flow_of(socket).taken != before.taken; }));
    const Flow after = flow_of(socket);
    CHECK(after.taken_at >= before.taken_at);
    CHECK(after.taken_at <= after.seen_at);
  }
}

TEST_CASE("only TCP tells when the peer took its last byte") {
  Ends local = unix_ends();
  CHECK_FALSE(flow_of(local.server.descriptor()).exact);
  Ends ends = tcp_ends();
  const auto begin = Flow::Clock::now();
  ends.server.send("hello");
  CHECK(ends.client.receive(5) == "hello");
  const int socket = ends.server.descriptor();
  CHECK(eventually([&] { return flow_of(socket).unsent == 0; }));
  const Flow taken = flow_of(socket);
  CHECK(taken.exact);
  CHECK(taken.taken_at >= begin - std::chrono::milliseconds(20));
  CHECK(eventually([&] {
    const Flow later = flow_of(socket);
    return later.seen_at - later.taken_at > std::chrono::milliseconds(30);
  }));
}

}  // namespace
}  // namespace echo
