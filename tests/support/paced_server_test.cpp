#include "tests/support/paced_server.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>

#include "tests/support/socket.h"

namespace echo::testing {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

const std::string kFirst(PacedServer::kSize, 'a');
const std::string kSecond(PacedServer::kSize, 'b');

TEST_CASE("a paced server never answers faster than its rate") {
  PacedServer server(std::make_unique<TokenBucket>(100, 1));
  Socket one = Socket::connect(server.address());
  Socket other = Socket::connect(server.address());
  const auto start = Clock::now();
  for (int i = 0; i < 3; ++i) {
    one.send(kFirst);
    other.send(kSecond);
  }
  for (int i = 0; i < 3; ++i) {
    CHECK(one.receive(PacedServer::kSize) == kFirst);
    CHECK(other.receive(PacedServer::kSize) == kSecond);
  }
  CHECK(Clock::now() - start >= 50ms);  // five after the first
  CHECK(server.answered() == 6);
}

TEST_CASE("a paced server answers what came before the end of a stream and then ends it") {
  PacedServer server(std::make_unique<TokenBucket>(100, 1));
  Socket client = Socket::connect(server.address());
  client.send(kFirst.substr(0, 10));
  client.send(kFirst.substr(10) + kSecond);
  client.finish_sending();
  CHECK(client.receive_until_end() == kFirst + kSecond);
}

TEST_CASE("a paced server sends a wrong byte in each answer once it is told to") {
  PacedServer server(std::make_unique<TokenBucket>(1000, 1));
  Socket client = Socket::connect(server.address());
  client.send(kFirst);
  CHECK(client.receive(PacedServer::kSize) == kFirst);
  server.corrupt_from_now_on();
  client.send(kFirst);
  CHECK(client.receive(PacedServer::kSize) != kFirst);
  CHECK(server.corrupted() == 1);
}

}  // namespace
}  // namespace echo::testing
