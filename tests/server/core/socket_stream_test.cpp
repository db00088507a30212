#include "server/core/socket_stream.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "server/core/echo.h"
#include "tests/server/core/server_fixture.h"
#include "tests/support/temporary_folder.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::distinct_bytes;
using testing::RunningServer;
using testing::Socket;
using testing::TemporaryFolder;

// Both ends of a unix connection, and the stream of the first.
struct UnixFixture {
  UnixFixture() {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    server = Descriptor(ends[0]);
    client.emplace(Descriptor(ends[1]));
  }

  Descriptor server;
  std::optional<Socket> client;
  Buffer buffer;
  Echo echo{buffer};
};

TEST_CASE("a unix socket keeps bytes in its queue until they are sent") {
  UnixFixture house;
  SocketStream stream(house.server.get());
  std::array<std::byte, 16> space{};
  house.client->send("hello");
  CHECK(stream.receive(space) == 5);
  CHECK(stream.receive(space) == 5);  // still there
  CHECK(stream.send(std::span(space).first(3)) == 3);
  CHECK(house.client->receive(3) == "hel");
  CHECK(stream.receive(space) == 2);
  CHECK(stream.send(std::span(space).first(2)) == 2);
  CHECK(house.client->receive(2) == "lo");
  house.client->finish_sending();
  CHECK(stream.receive(space) == 0);
}

TEST_CASE("bytes with descriptors among them are echoed once") {
  UnixFixture house;
  for (int i = 0; i < 3; ++i) {
    std::string text = "bytes " + std::to_string(i) + ";";
    iovec bytes{text.data(), text.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    const int descriptor = 0;
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    CHECK(::sendmsg(house.client->descriptor(), &message, 0) > 0);
  }
  house.client->finish_sending();
  SocketStream stream(house.server.get());
  while (house.echo.step(stream) != Echo::Next::end) {
  }
  house.server.reset();
  CHECK(house.client->receive_until_end() == "bytes 0;bytes 1;bytes 2;");
}

// What a client that reads nothing while it sends gets in the end, of more than the kernel holds.
// False if a busy machine let the connection end before the client had sent all: that says nothing.
bool check_reset_after_loss(Options options, CloseCause cause, bool stop) {
  CAPTURE(name(cause));
  const TemporaryFolder folder;
  options.listen = {Address::parse("unix:" + folder.file("socket"))};
  RunningServer server(options);
  Socket client = server.connect();
  const std::string text = distinct_bytes(270'000);
  // Mostly the server has read all of it in the end. It stops reading where it cannot send, and
  // what it has by then depends on how many bytes each of its receives found.
  if (!client.try_send(text)) return false;
  if (stop) server.stop();
  CHECK(server.closed_becomes(cause, 1));
  const auto lost = text.size() - server->counters().bytes_out;
  CHECK(lost > 0);
  CHECK(client.is_reset());
  return true;
}

TEST_CASE("bytes that a forced close loses on a unix socket end in a reset") {
  Options options = testing::local_options();
  options.write_timeout = 200ms;
  while (!check_reset_after_loss(options, CloseCause::stalled, false)) continue;
  options.write_timeout = 0s;
  options.idle_timeout = 200ms;
  while (!check_reset_after_loss(options, CloseCause::idle, false)) continue;
  options.idle_timeout = 0s;
  options.drain_timeout = 100ms;
  CHECK(check_reset_after_loss(options, CloseCause::drained, true));
}

}  // namespace
}  // namespace echo
