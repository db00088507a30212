#include "common/thread.h"

#include <doctest/doctest.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace echo {
namespace {

std::string kernel_name() {
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name.data();
}

std::size_t own_stack_size() {
  pthread_attr_t attributes;
  pthread_getattr_np(pthread_self(), &attributes);
  std::size_t size = 0;
  pthread_attr_getstacksize(&attributes, &size);
  pthread_attr_destroy(&attributes);
  return size;
}

std::size_t stack_size_of_thread(std::size_t asked) {
  std::size_t size = 0;
  Thread thread(
      "stack", [&] { size = own_stack_size(); }, asked);
  thread.join();
  return size;
}

TEST_CASE("ten threads print their own ids") {
  struct Print {
    unsigned number = 0;
    std::string name;
  };
  std::array<Print, 10> prints;
  std::vector<std::unique_ptr<Thread>> threads;
  for (std::size_t i = 0; i < prints.size(); ++i) {
    threads.push_back(std::make_unique<Thread>("printer-" + std::to_string(i), [&prints, i] {
      prints[i] = {Thread::current_number(), kernel_name()};
    }));
  }
  for (const auto& thread : threads) thread->join();

  const unsigned first = threads.front()->number();
  CHECK(first >= 1);
  for (std::size_t i = 0; i < prints.size(); ++i) {
    CAPTURE(i);
    CHECK(prints[i].number == first + i);
    CHECK(prints[i].number == threads[i]->number());
    CHECK(prints[i].name == "printer-" + std::to_string(i));
    CHECK(threads[i]->name() == prints[i].name);
  }
}

TEST_CASE("a thread that is no Thread has the number 0") {
  CHECK(Thread::current_number() == 0);
  unsigned number = 1;
  std::thread([&] { number = Thread::current_number(); }).join();
  CHECK(number == 0);
}

TEST_CASE("the kernel shows the first 15 bytes of a long name") {
  std::string shown;
  Thread thread("a-name-beyond-what-fits", [&] { shown = kernel_name(); });
  thread.join();
  CHECK(shown == "a-name-beyond-w");
  CHECK(thread.name() == "a-name-beyond-what-fits");
}

TEST_CASE("an exception comes back to the owner from join and only once") {
  Thread thread("thrower", [] { throw std::out_of_range("beyond the end"); });
  CHECK_THROWS_WITH_AS(thread.join(), "beyond the end", std::out_of_range);
  CHECK_NOTHROW(thread.join());
}

TEST_CASE("what is thrown need not be an std exception") {
  Thread thread("thrower", [] { throw 42; });
  CHECK_THROWS_AS(thread.join(), int);
}

TEST_CASE("the destructor joins and survives an exception that nobody asked for") {
  std::latch go(1);
  bool ended = false;
  {
    const Thread thread("runner", [&] {
      go.wait();
      // Time for a destructor that does not wait to be found out.
      for (int i = 0; i < 1000; ++i) std::this_thread::yield();
      ended = true;
      throw std::runtime_error("nobody joins");
    });
    go.count_down();
  }
  CHECK(ended);
}

TEST_CASE("a thread runs on a stack of the size asked for") {
  constexpr std::size_t kSmall = 1024 * 1024;
  constexpr std::size_t kLarge = 64 * 1024 * 1024;
  // The guard page and the sanitizers move the size, but not to the system's default of 8 MiB.
  const std::size_t small = stack_size_of_thread(kSmall);
  CHECK(small > kSmall / 2);
  CHECK(small < kSmall * 4);
  const std::size_t large = stack_size_of_thread(kLarge);
  CHECK(large > kLarge / 2);
  CHECK(large < kLarge * 2);
}

TEST_CASE("a stack below the least that a thread needs is refused") {
  try {
    Thread(
        "tiny", [] {}, 1);
    FAIL("was accepted");
  } catch (const std::system_error& error) {
    CHECK(error.code() == std::errc::invalid_argument);
  }
}

TEST_CASE("a thread that can't be made throws EAGAIN and runs nothing") {
  // More than the address space holds: pthread_create(3) fails just as it does without memory.
  constexpr std::size_t kImpossible = std::size_t{1} << 48;
  std::atomic<bool> ran = false;
  try {
    Thread(
        "impossible", [&] { ran = true; }, kImpossible);
    FAIL("was made");
  } catch (const std::system_error& error) {
    CHECK(error.code().value() == EAGAIN);
    CHECK(std::string(error.what()).starts_with("cannot start a thread"));
  }
  CHECK_FALSE(ran);
}

}  // namespace
}  // namespace echo
