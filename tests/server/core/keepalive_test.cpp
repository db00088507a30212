#include "server/core/keepalive.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include "common/descriptor.h"

namespace echo {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a lost keepalive probe is one of several") {
  for (const auto silence : {1ns, 1'000'000'000ns, 60'000'000'000ns, 3'600'000'000'000ns}) {
    CHECK(keepalive_times(silence).count == 6);
  }
}

TEST_CASE("keepalive counts whole seconds and never fewer than were asked for") {
  CHECK(keepalive_times(1ns).idle == 1);
  CHECK(keepalive_times(1500ms).idle == 2);
  CHECK(keepalive_times(60s).idle == 60);
  CHECK(keepalive_times(kLongestKeepalive).idle == 9 * 3600);
}

TEST_CASE("keepalive probes follow each other faster than the silence before them") {
  CHECK(keepalive_times(1s).interval == 1);
  CHECK(keepalive_times(30s).interval == 5);
  CHECK(keepalive_times(60s).interval == 10);
  CHECK(keepalive_times(1h).interval == 10);
}

TEST_CASE("a keepalive of nothing is off") {
  CHECK(keepalive_times(0s).idle == 0);
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  int value = 1;  // as it is inherited from a listening socket that has it
  ::setsockopt(socket.get(), SOL_SOCKET, SO_KEEPALIVE, &value, sizeof value);
  set_keepalive(socket.get(), 0s);
  socklen_t size = sizeof value;
  REQUIRE(::getsockopt(socket.get(), SOL_SOCKET, SO_KEEPALIVE, &value, &size) == 0);
  CHECK(value == 0);
}

}  // namespace
}  // namespace echo
