#include <doctest/doctest.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

#include "tests/server/core/server_fixture.h"

// What a client that takes nothing costs in the kernel.
namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::distinct_bytes;
using testing::local_options;
using testing::RunningServer;
using testing::Socket;

using SocketMemory = std::array<std::uint32_t, SK_MEMINFO_VARS>;

SocketMemory memory_of_other_end(const Socket& client) {
  SocketMemory memory{};
  socklen_t bytes = sizeof memory;
  const int served = testing::served_socket(client);
  REQUIRE(::getsockopt(served, SOL_SOCKET, SO_MEMINFO, memory.data(), &bytes) == 0);
  return memory;
}

TEST_CASE("of a client that takes nothing the kernel holds few bytes to send") {
  Options options = local_options();
  options.write_timeout = 0s;
  RunningServer server(options);
  Socket client = server.connect();
  testing::fill(client);
  const SocketMemory memory = memory_of_other_end(client);
  CHECK(memory[SK_MEMINFO_WMEM_QUEUED] > 0);
  CHECK(memory[SK_MEMINFO_WMEM_QUEUED] <= 512 * 1024);
  CHECK(memory[SK_MEMINFO_RMEM_ALLOC] <= memory[SK_MEMINFO_RCVBUF] + 64 * 1024);
}

// What it gets fits into the kernel's queue, so that the server has nothing left to do itself.
TEST_CASE("a client keeps its place after its half-close until the kernel has sent its bytes") {
  Options options = local_options();
  options.write_timeout = 3s;  // until then its worker has echoed all, on a busy machine too
  RunningServer server(options);
  Socket client = server.connect();
  const int small = 4096;
  ::setsockopt(client.descriptor(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  client.send(distinct_bytes(100'000));
  client.finish_sending();
  CHECK(server.closed_becomes(CloseCause::stalled, 1));
  CHECK(server->counters().bytes_out == 100'000);
  CHECK(client.is_reset());
}

TEST_CASE("a client that takes its bytes slowly after a half-close gets all of them") {
  RunningServer server;
  Socket client = server.connect();
  const int small = 4096;
  ::setsockopt(client.descriptor(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  const std::string text = distinct_bytes(100'000);
  client.send(text);
  client.finish_sending();
  CHECK(testing::eventually([&] { return server->counters().bytes_out == text.size(); }));
  CHECK(client.receive_until_end() == text);
  CHECK(server.closed_becomes(CloseCause::peer_closed, 1));
}

}  // namespace
}  // namespace echo
