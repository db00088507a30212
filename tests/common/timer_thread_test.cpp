#include "common/timer_thread.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <latch>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "common/logging.h"
#include "common/thread.h"
#include "common/timer.h"
#include "tests/common/calls.h"
#include "tests/support/temporary_folder.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using Clock = Timer::Clock;

TEST_CASE("timers without a timer start and stop") {
  const TimerThread timers;
}

TEST_CASE("timers end while one of them waits for a far deadline") {
  TimerThread timers;
  Timer timer(timers, 24h, [] {});
  timer.start();
}

TEST_CASE("callbacks that fail have one line a second in the log") {
  const testing::TemporaryFolder folder;
  const std::string log = folder.file("log");
  {
    const Logging logging({.file = log});
    TimerThread timers;
    Calls calls;
    Timer timer(
        timers, 1us,
        [&] {
          calls.record(0);
          throw std::runtime_error("no luck");
        },
        Timer::Mode::repeating);
    timer.start();
    calls.wait_for(200);
  }
  const std::string text = testing::read_file(log);
  const auto lines = std::count(text.begin(), text.end(), '\n');
  CHECK(lines >= 1);
  CHECK(lines < 100);
  CHECK(text.find("timer callback failed: no luck\n") != text.npos);
}

TEST_CASE("callbacks run on one thread in the order of their deadlines") {
  TimerThread timers;
  Calls calls;
  std::vector<std::unique_ptr<Timer>> callers;
  std::latch held(1);
  std::latch filled(1);
  // Nothing is called before every Timer is in the queue, in an order that is not the deadlines'.
  Timer gate(timers, 0s, [&] {
    held.count_down();
    filled.wait();
  });
  gate.start();
  held.wait();
  const auto base = Clock::now() - 1s;
  constexpr int kTimers = 100;
  for (int i = 0; i < kTimers; ++i) {
    const int place = i * 37 % kTimers;
    callers.push_back(
        std::make_unique<Timer>(timers, 0s, [&calls, place] { calls.record(place); }));
    callers.back()->start_at(base + place * 1us);
  }
  filled.count_down();
  calls.wait_for(kTimers);
  const auto all = calls.all();
  for (int i = 0; i < kTimers; ++i) CHECK(all[static_cast<std::size_t>(i)].caller == i);
}

TEST_CASE("an earlier deadline overtakes the one that the thread waits for") {
  TimerThread timers;
  Calls calls;
  Timer late(timers, 24h, [&] { calls.record(1); });
  Timer early(timers, 10ms, [&] { calls.record(2); });
  late.start();
  early.start();
  calls.wait_for(1);
  CHECK(calls.all().front().caller == 2);
}

TEST_CASE("how late callbacks are called is counted") {
  TimerThread timers;
  Calls calls;
  Timer late(timers, 0s, [&] { calls.record(); });
  Timer never(timers, 24h, [] {});
  never.start();
  late.start_at(Clock::now() - 3s);
  calls.wait_for(1);
  CHECK(timers.lateness().count() == 1);
  CHECK(timers.lateness().sum >= 3s);
}

TEST_CASE("an exception in a callback ends neither the thread nor the repetition") {
  TimerThread timers;
  Calls calls;
  Timer failing(
      timers, 1ms,
      [&] {
        calls.record();
        throw std::runtime_error("callback failed");
      },
      Timer::Mode::repeating);
  failing.start();
  calls.wait_for(3);
  failing.cancel();
}

TEST_CASE("an exception of any type in a callback does not end the thread") {
  TimerThread timers;
  Calls calls;
  Timer failing(timers, 0s, [] { throw 42; });
  Timer next(timers, 0s, [&] { calls.record(); });
  failing.start();
  next.start();
  calls.wait_for(1);
}

TEST_CASE("a hundred thousand timers are started and cancelled") {
  constexpr int kTimers = 100'000;
  TimerThread timers;
  Calls calls;
  std::vector<std::unique_ptr<Timer>> many;
  many.reserve(kTimers);
  std::minstd_rand random;  // the same deadlines in every run
  for (int i = 0; i < kTimers; ++i) {
    many.push_back(std::make_unique<Timer>(timers, 24h, [&calls, i] { calls.record(i); }));
    many.back()->start_at(Clock::now() + 1h + random() % 1'000'000 * 1us);
  }
  for (int i = 0; i < kTimers; ++i) {
    if (i % 2 == 0) many[static_cast<std::size_t>(i)]->cancel();
    if (i % 2 == 1) many[static_cast<std::size_t>(i)]->start();
  }
  many[77'777]->start_at(Clock::now());
  calls.wait_for(1);
  many.clear();
  CHECK(calls.size() == 1);
  CHECK(calls.all().front().caller == 77'777);
}

TEST_CASE("many threads start and cancel and destroy timers at once") {
  constexpr int kRounds = 300;
  TimerThread timers;
  std::array<std::unique_ptr<Timer>, 4> shared;
  std::atomic<int> shared_calls = 0;
  for (auto& timer : shared) {
    timer = std::make_unique<Timer>(
        timers, 50us, [&] { ++shared_calls; }, Timer::Mode::repeating);
  }
  std::vector<std::unique_ptr<Thread>> threads;
  for (unsigned seed = 1; seed <= 8; ++seed) {
    threads.push_back(std::make_unique<Thread>("hammer-" + std::to_string(seed), [&, seed] {
      std::minstd_rand random(seed);
      for (int round = 0; round < kRounds; ++round) {
        // Its own until destroyed: a callback after that would write into dead memory.
        auto count = std::make_unique<int>(0);
        const auto mode = random() % 2 == 0 ? Timer::Mode::once : Timer::Mode::repeating;
        Timer own(
            timers, std::chrono::microseconds(1 + random() % 100), [&] { ++*count; }, mode);
        own.start();
        shared[random() % shared.size()]->start();
        if (random() % 2 == 0) own.cancel();
        if (random() % 4 == 0) own.start();
        shared[random() % shared.size()]->cancel();
        if (random() % 4 == 0) std::this_thread::yield();
      }
    }));
  }
  for (const auto& thread : threads) thread->join();
  for (const auto& timer : shared) timer->cancel();
  const int calls = shared_calls;

  Calls still_alive;
  Timer last(timers, 1ms, [&] { still_alive.record(); });
  last.start();
  still_alive.wait_for(1);
  CHECK(shared_calls == calls);
}

}  // namespace
}  // namespace echo
