#include "server/core/stacks.h"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "common/thread.h"

namespace echo {
namespace {

constexpr std::size_t kSize = std::size_t{64} * 1024;

std::ptrdiff_t maps() {
  std::ifstream file("/proc/self/maps");
  return std::count(std::istreambuf_iterator<char>(file), {}, '\n');
}

// How many of its pages are in memory.
std::ptrdiff_t resident(std::span<std::byte> memory) {
  std::vector<unsigned char> pages(memory.size() / static_cast<std::size_t>(::getpagesize()));
  REQUIRE(::mincore(memory.data(), memory.size(), pages.data()) == 0);
  return std::ranges::count_if(pages, [](unsigned char page) { return (page & 1) != 0; });
}

TEST_CASE("a thread runs on the stack that it is given") {
  Stacks stacks(kSize);
  const Stacks::Stack stack = stacks.take();
  std::uintptr_t place = 0;
  const auto tell = [&] {
    const char local = 0;
    place = reinterpret_cast<std::uintptr_t>(&local);
  };
  Thread("on a stack", tell, stack.memory()).join();
  const auto begin = reinterpret_cast<std::uintptr_t>(stack.memory().data());
  CHECK(stack.memory().size() >= kSize);
  CHECK(place >= begin);
  CHECK(place < begin + stack.memory().size());
}

TEST_CASE("a stack that is given back is the next to be taken and holds no memory") {
  Stacks stacks(kSize);
  const Stacks::Stack other = stacks.take();
  std::byte* first = nullptr;
  {
    const Stacks::Stack stack = stacks.take();
    first = stack.memory().data();
    std::memset(first, 1, kSize);
    CHECK(resident(stack.memory()) > 0);
  }
  const Stacks::Stack again = stacks.take();
  CHECK(again.memory().data() == first);
  CHECK(resident(again.memory()) == 0);
  CHECK(other.memory().data() != first);
}

TEST_CASE("thirty thousand stacks stay below the limit on maps") {
  for (const Stacks::Guard guard : {Stacks::Guard::light, Stacks::Guard::page}) {
    Stacks stacks(kSize, guard);
    std::vector<Stacks::Stack> taken;
    for (int i = 0; i < 30'000; ++i) taken.push_back(stacks.take());
    CHECK(maps() < 65'000);
  }
}

int overflow(int depth) {
  volatile char frame[512] = {};
  frame[depth % 512] = static_cast<char>(depth);
  return depth < 0 ? 0 : overflow(depth + 1) + frame[depth % 512];
}

TEST_CASE("an overflow ends the process before it reaches another stack") {
  for (const Stacks::Guard guard : {Stacks::Guard::light, Stacks::Guard::page}) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      Stacks stacks(kSize, guard);
      const Stacks::Stack below = stacks.take();
      const Stacks::Stack stack = stacks.take();
      if (below.memory().data() > stack.memory().data()) ::_exit(0);
      Thread(
          "overflow", [] { ::_exit(overflow(1) & 0); }, stack.memory());
      ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    // A sanitizer turns the signal into an exit code of its own.
    CHECK_FALSE((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  }
}

}  // namespace
}  // namespace echo
