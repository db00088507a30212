#include "common/timer.h"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <latch>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "common/thread.h"
#include "tests/common/calls.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using Clock = Timer::Clock;

constexpr auto kFarOff = 24h;

template <typename T>
concept CanBeStarted = requires(T&& timer) {
  std::forward<T>(timer).start();
};
template <typename T>
concept CanBeStartedAt = requires(T&& timer) {
  std::forward<T>(timer).start_at(Clock::now());
};

// Timer(timers, 10s, hello).start() would destroy the timer at the semicolon, without a call.
static_assert(CanBeStarted<Timer&> && CanBeStartedAt<Timer&>);
static_assert(!CanBeStarted<Timer> && !CanBeStartedAt<Timer>);

// Returns when every Timer that was due until now has been called: callbacks run in the order of
// their deadlines on one thread.
void run_all_due(TimerThread& timers) {
  std::latch called(1);
  Timer last(timers, 0s, [&] { called.count_down(); });
  last.start();
  called.wait();
}

TEST_CASE("a timed thread says hello once and not before its delay") {
  TimerThread timers;
  Calls hello;
  const auto start = Clock::now();
  Timer timer(timers, 20ms, [&] { hello.record(); });
  timer.start();
  hello.wait_for(1);
  CHECK(hello.all().front().time >= start + 20ms);

  // One more would be due by now.
  std::this_thread::sleep_until(hello.all().front().time + 20ms);
  run_all_due(timers);
  CHECK(hello.size() == 1);
}

TEST_CASE("a timer that was not started is not called") {
  TimerThread timers;
  Calls calls;
  const Timer timer(timers, 0s, [&] { calls.record(); });
  run_all_due(timers);
  CHECK(calls.size() == 0);
}

TEST_CASE("endless repetition with two clients keeps the beat of each") {
  // 5 s and 3 s in hundredths.
  constexpr std::array<Clock::duration, 2> kDelays{50ms, 30ms};
  TimerThread timers;
  Calls calls;
  std::array<Calls, 2> by_client;
  const auto client = [&](int which) {
    by_client[static_cast<std::size_t>(which)].record();
    calls.record(which);
  };
  Timer slow(
      timers, kDelays[0], [&] { client(0); }, Timer::Mode::repeating);
  Timer fast(
      timers, kDelays[1], [&] { client(1); }, Timer::Mode::repeating);

  const auto start = Clock::now();
  fast.start_at(start + kDelays[1]);
  slow.start_at(start + kDelays[0]);
  by_client[0].wait_for(3);
  by_client[1].wait_for(5);
  slow.cancel();
  fast.cancel();

  // However busy the machine is, the first deadline of all is the fast client's.
  CHECK(calls.all().front().caller == 1);
  for (std::size_t which = 0; which < kDelays.size(); ++which) {
    auto not_before = start;
    for (const Calls::Call& call : by_client[which].all()) {
      not_before += kDelays[which];
      CHECK(call.time >= not_before);
    }
  }
}

TEST_CASE("a repeating timer leaves out the beats that it is too late for") {
  constexpr auto kBeat = 10ms;
  TimerThread timers;
  Calls calls;
  Clock::time_point blocked_until;
  const auto base = Clock::now() + kBeat;
  Timer timer(
      timers, kBeat,
      [&] {
        calls.record();
        if (calls.size() > 1) return;
        std::this_thread::sleep_until(base + 3 * kBeat + kBeat / 2);
        blocked_until = Clock::now();
      },
      Timer::Mode::repeating);
  timer.start_at(base);
  calls.wait_for(4);
  timer.cancel();

  auto next_beat = base + ((blocked_until - base) / kBeat + 1) * kBeat;
  const auto all = calls.all();
  for (std::size_t i = 1; i < all.size(); ++i) {
    CAPTURE(i);
    CHECK(all[i].time >= next_beat);
    next_beat += kBeat;
  }
}

TEST_CASE("a repeating timer does not drift when its callbacks take time") {
  constexpr auto kBeat = 20ms;
  constexpr std::size_t kAttempts = 500;
  TimerThread timers;
  Calls calls;
  std::optional<Clock::time_point> returned;
  std::atomic<bool> on_the_grid = false;
  const auto base = Clock::now() + kBeat;
  // Each call lasts until half a beat is over. A timer that counted its delay from there would
  // always let a whole delay pass; one that keeps the grid only half of it, and of many beats a
  // busy machine delays some only.
  Timer timer(
      timers, kBeat,
      [&] {
        const auto now = Clock::now();
        if (returned && now - *returned < kBeat) on_the_grid = true;
        std::this_thread::sleep_until(base + (now - base) / kBeat * kBeat + kBeat / 2);
        returned = Clock::now();
        calls.record();
      },
      Timer::Mode::repeating);
  timer.start_at(base);
  for (std::size_t count = 1; count <= kAttempts && !on_the_grid; ++count) calls.wait_for(count);
  timer.cancel();
  CHECK(on_the_grid);
}

TEST_CASE("a repeating timer without a delay is refused") {
  TimerThread timers;
  CHECK_THROWS_AS(Timer(
                      timers, 0s, [] {}, Timer::Mode::repeating),
                  std::invalid_argument);
  CHECK_THROWS_AS(Timer(
                      timers, -1s, [] {}, Timer::Mode::repeating),
                  std::invalid_argument);
  CHECK_NOTHROW(Timer(timers, 0s, [] {}));
}

TEST_CASE("starting again moves the deadline back and forth") {
  TimerThread timers;
  Calls calls;
  Timer timer(timers, kFarOff, [&] { calls.record(); });
  timer.start();
  timer.start_at(Clock::now());
  calls.wait_for(1);

  const auto soon = Clock::now() + 20ms;
  timer.start_at(soon);
  timer.start();
  std::this_thread::sleep_until(soon);
  run_all_due(timers);
  CHECK(calls.size() == 1);

  timer.start_at(Clock::now());
  calls.wait_for(2);
}

TEST_CASE("a callback sleeps for the rest") {
  TimerThread timers;
  Calls calls;
  std::optional<Timer> timer;
  const auto end = Clock::now() + 30ms;
  timer.emplace(timers, 10ms, [&] {
    calls.record();
    if (Clock::now() < end) timer->start_at(end);
  });
  timer->start_at(Clock::now());
  calls.wait_for(2);
  CHECK(calls.all().back().time >= end);
  timer->cancel();
  CHECK(calls.size() == 2);
}

TEST_CASE("a repeating callback may move its own next beat") {
  TimerThread timers;
  Calls calls;
  std::optional<Timer> timer;
  const auto later = Clock::now() + 40ms;
  timer.emplace(
      timers, 1ms,
      [&] {
        calls.record();
        if (calls.size() == 1) timer->start_at(later);
      },
      Timer::Mode::repeating);
  timer->start();
  calls.wait_for(3);
  const auto all = calls.all();
  CHECK(all[1].time >= later);
  CHECK(all[2].time >= later + 1ms);
}

TEST_CASE("a timer that is cancelled before it is due is not called") {
  TimerThread timers;
  Calls calls;
  Timer timer(timers, kFarOff, [&] { calls.record(); });
  const auto due = Clock::now() + 20ms;
  timer.start_at(due);
  timer.cancel();
  timer.cancel();
  std::this_thread::sleep_until(due);
  run_all_due(timers);
  CHECK(calls.size() == 0);

  timer.start_at(Clock::now());
  calls.wait_for(1);
}

TEST_CASE("a callback cancels its own repetition") {
  TimerThread timers;
  Calls calls;
  std::optional<Timer> timer;
  timer.emplace(
      timers, 1ms,
      [&] {
        calls.record();
        if (calls.size() == 2) timer->cancel();
      },
      Timer::Mode::repeating);
  timer->start();
  calls.wait_for(2);
  std::this_thread::sleep_until(calls.all().back().time + 5ms);
  run_all_due(timers);
  CHECK(calls.size() == 2);
}

TEST_CASE("a callback that cancels and then starts its timer is called again") {
  TimerThread timers;
  Calls calls;
  std::optional<Timer> timer;
  timer.emplace(timers, 1ms, [&] {
    calls.record();
    timer->cancel();
    if (calls.size() == 1) timer->start();
  });
  timer->start();
  calls.wait_for(2);
  run_all_due(timers);
  CHECK(calls.size() == 2);
}

TEST_CASE("a callback cancels another timer that is due as well") {
  TimerThread timers;
  Calls calls;
  Timer victim(timers, 0s, [&] { calls.record(); });
  const auto due = Clock::now() - 1s;
  Timer killer(timers, 0s, [&] {
    victim.start_at(due);
    victim.cancel();
  });
  killer.start_at(due);
  run_all_due(timers);
  CHECK(calls.size() == 0);
}

// A callback that stays inside until it is let go.
struct Held {
  std::latch entered{1};
  std::latch go{1};
  std::atomic<bool> ended{false};

  void hold() {
    entered.count_down();
    go.wait();
    // Time for a cancel that does not wait to be found out.
    for (int i = 0; i < 1000; ++i) std::this_thread::yield();
    ended = true;
  }
};

TEST_CASE("cancel returns only when the callback does not run any more") {
  TimerThread timers;
  Held held;
  Timer timer(timers, 0s, [&] { held.hold(); });
  timer.start();
  held.entered.wait();

  std::latch cancelling(1);
  bool ended_before_cancel = false;
  Thread canceller("canceller", [&] {
    cancelling.count_down();
    timer.cancel();
    ended_before_cancel = held.ended;
  });
  cancelling.wait();
  held.go.count_down();
  canceller.join();
  CHECK(ended_before_cancel);
}

TEST_CASE("destroying a timer waits for its callback and then nothing is called") {
  TimerThread timers;
  Held held;
  Calls calls;
  auto timer = std::make_unique<Timer>(
      timers, 1ms,
      [&] {
        calls.record();
        held.hold();
      },
      Timer::Mode::repeating);
  timer->start();
  held.entered.wait();
  held.go.count_down();
  timer.reset();
  CHECK(held.ended);
  CHECK(calls.size() == 1);
  std::this_thread::sleep_for(5ms);
  run_all_due(timers);
  CHECK(calls.size() == 1);
}

TEST_CASE("a started timer that is destroyed is not called") {
  TimerThread timers;
  Calls calls;
  const auto due = Clock::now() + 20ms;
  {
    Timer timer(timers, kFarOff, [&] { calls.record(); });
    timer.start_at(due);
  }
  std::this_thread::sleep_until(due);
  run_all_due(timers);
  CHECK(calls.size() == 0);
}

TEST_CASE("a callback that starts its timer loses against a waiting cancel") {
  TimerThread timers;
  std::optional<Timer> timer;
  std::latch entered(1);
  std::atomic<bool> cancelling = false;
  Calls calls;
  timer.emplace(timers, 0s, [&] {
    calls.record();
    if (calls.size() > 1) return;
    entered.count_down();
    while (!cancelling) std::this_thread::yield();
    // Before, while and after the cancel takes its place: none of these may come to a call.
    for (int i = 0; i < 1000; ++i) {
      timer->start();
      std::this_thread::yield();
    }
  });
  timer->start();
  entered.wait();
  cancelling = true;
  timer->cancel();
  run_all_due(timers);
  CHECK(calls.size() == 1);
}

TEST_CASE("two threads may cancel while the callback runs") {
  TimerThread timers;
  Held held;
  Timer timer(
      timers, 1ms, [&] { held.hold(); }, Timer::Mode::repeating);
  timer.start();
  held.entered.wait();
  std::atomic<int> after_end = 0;
  const auto cancel = [&] {
    timer.cancel();
    if (held.ended) ++after_end;
  };
  Thread first("first", cancel);
  Thread second("second", cancel);
  held.go.count_down();
  first.join();
  second.join();
  CHECK(after_end == 2);
}

}  // namespace
}  // namespace echo
