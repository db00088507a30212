#include "common/epoll.h"

#include <doctest/doctest.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace echo {
namespace {

using namespace std::chrono_literals;

int event_of_the_alarm = -1;

extern "C" void on_alarm(int /*signal*/) {
  [[maybe_unused]] const int result = ::eventfd_write(event_of_the_alarm, 1);
}

// A signal every few milliseconds, whose handler makes a descriptor ready.
class Alarms {
 public:
  explicit Alarms(int event) {
    event_of_the_alarm = event;
    struct sigaction action {};
    action.sa_handler = on_alarm;
    ::sigaction(SIGALRM, &action, &before_);
    every(5'000);
  }
  Alarms(const Alarms&) = delete;
  Alarms& operator=(const Alarms&) = delete;
  ~Alarms() {
    every(0);
    ::sigaction(SIGALRM, &before_, nullptr);
  }

 private:
  static void every(suseconds_t microseconds) {
    const itimerval timer{{0, microseconds}, {0, microseconds}};
    ::setitimer(ITIMER_REAL, &timer, nullptr);
  }

  struct sigaction before_ {};
};

SteadyTime now() {
  return std::chrono::steady_clock::now();
}

TEST_CASE("a wait that a signal interrupts tells what became ready meanwhile") {
  const Descriptor event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  REQUIRE(event);
  Epoll epoll;
  int owner = 0;
  epoll.add(event.get(), EPOLLIN, &owner);
  const Alarms alarms(event.get());
  const auto ready = epoll.wait(now(), now() + 1min);
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].data.ptr == &owner);
}

TEST_CASE("a wait that signals interrupt lasts until its deadline") {
  const Descriptor event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  REQUIRE(event);
  Epoll epoll;
  const Alarms alarms(event.get());
  const SteadyTime deadline = now() + 50ms;
  CHECK(epoll.wait(now(), deadline).empty());
  CHECK(now() >= deadline);
}

}  // namespace
}  // namespace echo
