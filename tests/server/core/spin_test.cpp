#include "server/core/spin.h"

#include <doctest/doctest.h>
#include <sched.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "common/descriptor.h"
#include "common/thread.h"
#include "server/core/socket_stream.h"
#include "tests/support/fake_root.h"

namespace echo {
namespace {

using namespace std::chrono_literals;

constexpr Spin::Clock::time_point kBegin{1h};

// How many receives that block as long until it tries.
int block_until_it_tries(Spin& spin, std::chrono::nanoseconds time = 50us) {
  int count = 0;
  for (; !spin.should_try(kBegin); ++count) spin.blocked(time);
  spin.succeeded(kBegin);
  return count;
}

// A Spin that has begun to try, and the moment that it is told.
struct Spinning {
  SpinPermits permits{1};
  Spin spin{permits, 200us};
  Spin::Clock::time_point now = kBegin;

  Spinning() { block_until_it_tries(spin); }
  bool fails() {
    if (!spin.should_try(now)) return false;
    while (spin.keep_trying(now)) now += 1us;
    return true;
  }
  bool succeeds_after(std::chrono::nanoseconds time) {
    if (!spin.should_try(now)) return false;
    spin.succeeded(now += time);
    return true;
  }
  // How many receives block until it tries again.
  int skipped() {
    int count = 0;
    while (!spin.should_try(now)) ++count;
    spin.succeeded(now);
    return count;
  }
};

TEST_CASE("a worker does not try before it has blocked ten times") {
  SpinPermits permits(1);
  Spin spin(permits, 200us);
  CHECK(block_until_it_tries(spin) >= 10);
}

TEST_CASE("who usually answers after the limit is not tried for") {
  Spinning one;
  for (int i = 0; i < 100; ++i) one.spin.blocked(300us);
  for (int i = 0; i < 1000; ++i) {
    CHECK_FALSE(one.spin.should_try(one.now));
    one.spin.blocked(300us);
  }
}

TEST_CASE("one long pause of who answers soon is soon forgotten") {
  Spinning one;
  for (int i = 0; i < 100; ++i) one.spin.blocked(50us);
  one.spin.blocked(1h);
  CHECK(block_until_it_tries(one.spin) < 5);
}

TEST_CASE("a worker tries for the limit and then blocks") {
  Spinning one;
  const auto begin = one.now;
  CHECK(one.fails());
  CHECK(one.now - begin == 200us);
}

TEST_CASE("who answers soon is tried for each time") {
  Spinning one;
  for (int i = 0; i < 100; ++i) CHECK(one.succeeds_after(25us));
}

TEST_CASE("who never answers in time is tried for less and less often") {
  Spinning one;
  int expected = 1;
  for (int i = 0; i < 12; ++i) {
    CHECK(one.fails());
    for (int skipped = 0; skipped < expected; ++skipped) CHECK_FALSE(one.spin.should_try(one.now));
    expected = std::min(expected * 2, 1024);
  }
}

TEST_CASE("a success after failures has it try each time again") {
  Spinning one;
  for (int i = 0; i < 5; ++i) {
    one.fails();
    one.skipped();
  }
  CHECK(one.fails());
  CHECK(one.skipped() == 1);
  CHECK(one.succeeds_after(1us));
}

TEST_CASE("who usually answers late is not worth the processor time") {
  Spinning one;
  int tries = 0;
  for (int i = 0; i < 10'000; ++i) tries += one.succeeds_after(150us) ? 1 : 0;
  CHECK(tries > 0);
  CHECK(tries < 100);
}

TEST_CASE("a worker does not try while a crowd takes turns and tries again once few do") {
  Spinning one;
  for (int i = 0; i < 100; ++i) one.spin.served(8);
  CHECK(one.succeeds_after(1us));
  for (int i = 0; i < 100; ++i) one.spin.served(9);
  CHECK_FALSE(one.spin.should_try(one.now));
  one.spin.served(1'000'000);
  for (int i = 0; i < 20; ++i) one.spin.served(1);
  CHECK(one.succeeds_after(1us));
}

TEST_CASE("a worker that lost its core between two tries gives up at once") {
  Spinning one;
  REQUIRE(one.spin.should_try(one.now));
  CHECK(one.spin.keep_trying(one.now += 2us));
  CHECK_FALSE(one.spin.keep_trying(one.now += 150us));
  CHECK_FALSE(one.spin.should_try(one.now));
}

TEST_CASE("only so many try at once and each gives its permit back") {
  SpinPermits permits(2);
  std::vector<Spin> spins(3, Spin(permits, 200us));
  for (Spin& spin : spins) block_until_it_tries(spin);
  const auto now = kBegin;
  CHECK(spins[0].should_try(now));
  CHECK(spins[1].should_try(now));
  CHECK_FALSE(spins[2].should_try(now));
  spins[0].succeeded(now);
  CHECK(spins[2].should_try(now));
  CHECK_FALSE(spins[1].keep_trying(now + 1s));
  CHECK(spins[0].should_try(now));
}

TEST_CASE("what there is already is received without waiting and what comes later is waited for") {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  const Descriptor here(ends[0]);
  const Descriptor there(ends[1]);
  std::array<std::byte, 8> space{};
  SpinPermits permits(1);
  for (const std::chrono::nanoseconds limit : {200us, 0us}) {
    WaitingStream stream(here.get(), permits, limit);
    for (int i = 0; i < 20; ++i) {
      ::send(there.get(), "a", 1, 0);
      CHECK(stream.receive(space) == 1);
      CHECK(stream.send(std::span(space).first(1)) == 1);
    }
    Thread late("late", [&] {
      std::this_thread::sleep_for(20ms);  // time is the subject: longer than it tries
      ::send(there.get(), "late", 4, 0);
    });
    CHECK(stream.receive(space) == 4);
    CHECK(stream.send(std::span(space).first(4)) == 4);
  }
  CHECK(permits.take());
}

TEST_CASE("nobody tries for longer than a second whatever the limit is") {
  SpinPermits permits(1);
  for (const std::chrono::nanoseconds limit :
       {std::chrono::nanoseconds(2s), std::chrono::nanoseconds(24h * 14000)}) {
    Spin spin(permits, limit);
    block_until_it_tries(spin);
    auto now = kBegin;
    REQUIRE(spin.should_try(now));
    while (spin.keep_trying(now)) now += 50us;
    CHECK(now - kBegin == 1s);
  }
}

TEST_CASE("nobody tries where there is one core or a quota below two") {
  testing::FakeRoot root;
  cpu_set_t all;
  REQUIRE(::sched_getaffinity(0, sizeof all, &all) == 0);
  const int without_quota = CPU_COUNT(&all) > 1 ? 2 * CPU_COUNT(&all) : 0;
  CHECK(SpinPermits::of_this_process(root.path()) == without_quota);
  root.write("proc/self/cgroup", "0::/a/b");
  root.write("sys/fs/cgroup/a/cpu.max", "max 100000");
  CHECK(SpinPermits::of_this_process(root.path()) == without_quota);
  root.write("sys/fs/cgroup/a/cpu.max", "150000 100000");
  CHECK(SpinPermits::of_this_process(root.path()) == 0);

  cpu_set_t one;
  CPU_ZERO(&one);
  for (int core = 0; core < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++core) {
    if (CPU_ISSET(core, &all)) CPU_SET(core, &one);
  }
  std::optional<int> permits;
  Thread("one core", [&] {
    if (::sched_setaffinity(0, sizeof one, &one) == 0) permits = SpinPermits::of_this_process();
  }).join();
  CHECK(permits == 0);
}

}  // namespace
}  // namespace echo
