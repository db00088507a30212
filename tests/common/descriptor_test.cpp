#include "common/descriptor.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <latch>
#include <utility>

#include "common/thread.h"

namespace echo {
namespace {

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

Descriptor open_null() {
  return Descriptor(::open("/dev/null", O_RDWR | O_CLOEXEC));
}

bool is_signalled(const WakeEvent& event) {
  pollfd ready{event.descriptor(), POLLIN, 0};
  return ::poll(&ready, 1, 0) == 1;
}

TEST_CASE("a descriptor is closed when its owner is destroyed") {
  int fd = -1;
  {
    const Descriptor owner = open_null();
    REQUIRE(owner);
    fd = owner.get();
    CHECK(is_open(fd));
  }
  CHECK_FALSE(is_open(fd));
}

TEST_CASE("a moved descriptor has one owner and is closed once") {
  Descriptor first = open_null();
  const int fd = first.get();
  Descriptor second(std::move(first));
  CHECK_FALSE(first);  // NOLINT(bugprone-use-after-move)
  CHECK(second.get() == fd);

  Descriptor third;
  CHECK_FALSE(third);
  third = std::move(second);
  CHECK(third.get() == fd);
  CHECK(is_open(fd));
}

TEST_CASE("assigning to a descriptor closes what it had when the source goes") {
  Descriptor target = open_null();
  const int old = target.get();
  {
    Descriptor source = open_null();
    target = std::move(source);
  }
  CHECK_FALSE(is_open(old));
  CHECK(is_open(target.get()));
}

TEST_CASE("a wake event stays signalled until it is cleared") {
  WakeEvent event;
  CHECK_FALSE(is_signalled(event));
  event.clear();
  CHECK_FALSE(is_signalled(event));

  event.signal();
  event.signal();
  CHECK(is_signalled(event));
  CHECK(is_signalled(event));
  event.clear();
  CHECK_FALSE(is_signalled(event));
}

TEST_CASE("a wake event ends the poll of another thread") {
  WakeEvent event;
  std::latch polling(1);
  int found = 0;
  Thread waiter("waiter", [&] {
    pollfd ready{event.descriptor(), POLLIN, 0};
    polling.count_down();
    found = ::poll(&ready, 1, -1);
  });
  polling.wait();
  event.signal();
  waiter.join();
  CHECK(found == 1);
}

TEST_CASE("a wake event is not inherited by a program that is executed") {
  const WakeEvent event;
  CHECK((::fcntl(event.descriptor(), F_GETFD) & FD_CLOEXEC) != 0);
}

}  // namespace
}  // namespace echo
