#include "server/core/stack_pool.h"

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
#include <system_error>
#include <utility>
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
  StackPool stacks(kSize);
  const StackPool::Stack stack = stacks.take();
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
  StackPool stacks(kSize);
  const StackPool::Stack other = stacks.take();
  std::byte* first = nullptr;
  {
    const StackPool::Stack stack = stacks.take();
    first = stack.memory().data();
    std::memset(first, 1, kSize);
    CHECK(resident(stack.memory()) > 0);
  }
  const StackPool::Stack again = stacks.take();
  CHECK(again.memory().data() == first);
  CHECK(resident(again.memory()) == 0);
  CHECK(other.memory().data() != first);
}

TEST_CASE("a stack that is replaced by another one is given back at once") {
  StackPool stacks(kSize);
  StackPool::Stack one = stacks.take();
  StackPool::Stack other = stacks.take();
  const std::byte* first = one.memory().data();
  const std::byte* second = other.memory().data();
  one = std::move(other);
  CHECK(one.memory().data() == second);
  CHECK(stacks.take().memory().data() == first);
}

TEST_CASE("thirty thousand stacks stay below the limit on maps") {
  for (const StackPool::Guard guard : {StackPool::Guard::madvise, StackPool::Guard::mprotect}) {
    StackPool stacks(kSize, guard);
    std::vector<StackPool::Stack> taken;
    for (int i = 0; i < 30'000; ++i) taken.push_back(stacks.take());
    CHECK(maps() < 65'000);
  }
}

// The address space of this process, in pages.
long address_space() {
  long pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages;
}

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// Uses all but `left` of the maps that the process may have.
void use_up_maps(int left) {
  const auto page = static_cast<std::size_t>(::getpagesize());
  std::vector<void*> taken;
  taken.reserve(100'000);
  for (;;) {
    // Neighbours with other rights stay maps of their own.
    const int rights = taken.size() % 2 == 0 ? PROT_READ : PROT_NONE;
    void* map = ::mmap(nullptr, page, rights, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) break;
    taken.push_back(map);
  }
  for (int i = 0; i < left; ++i) ::munmap(taken[static_cast<std::size_t>(i) * 2], page);
}

TEST_CASE("a pool that finds no map for its guards keeps nothing") {
  if (kSanitized) {
    MESSAGE("skipped: the sanitizer needs maps itself");
    return;
  }
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    StackPool stacks(kSize, StackPool::Guard::mprotect);
    use_up_maps(20);
    const long before = address_space();
    int failed = 0;
    for (int i = 0; i < 10; ++i) {
      try {
        stacks.take();
      } catch (const std::system_error&) {
        ++failed;
      }
    }
    // A chunk has more than a thousand pages.
    ::_exit(failed == 10 && address_space() < before + 500 ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

int overflow(int depth) {
  volatile char frame[512] = {};
  frame[depth % 512] = static_cast<char>(depth);
  return depth < 0 ? 0 : overflow(depth + 1) + frame[depth % 512];
}

TEST_CASE("an overflow ends the process before it reaches another stack") {
  for (const StackPool::Guard guard : {StackPool::Guard::madvise, StackPool::Guard::mprotect}) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      StackPool stacks(kSize, guard);
      const StackPool::Stack below = stacks.take();
      const StackPool::Stack stack = stacks.take();
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
