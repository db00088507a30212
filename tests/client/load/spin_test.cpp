#include "client/load/spin.h"

#include <doctest/doctest.h>

#include "client/load/make_job.h"
#include "tests/support/made_time.h"

namespace echo::load {
namespace {

using namespace std::chrono_literals;
using testing::kStart;

constexpr bool kAdaptive = true;

// Polls from `now` on, every microsecond, until the spin sleeps. How long that is.
std::chrono::nanoseconds polls(Spin& spin, SteadyTime now, const Spin::Awaited& awaited) {
  const SteadyTime begin = now;
  while (spin.wait_until(now, awaited) == now) {
    now += 1us;
    spin.woke(now, false);
  }
  return now - begin;
}

TEST_CASE("without a limit a generator always sleeps") {
  Spin spin(0ns, !kAdaptive);
  CHECK(spin.wait_until(kStart, {.due = kStart + 1us, .deadline = kStart + 1us, .answers = 1}) ==
        kStart + 1us);
}

TEST_CASE("a generator sleeps until the limit before a due time and then polls") {
  Spin spin(200us, !kAdaptive);
  const SteadyTime due = kStart + 1ms;
  CHECK(spin.wait_until(kStart, {.due = due, .deadline = due}) == due - 200us);
  spin.woke(due - 190us, false);
  for (const SteadyTime now : {due - 190us, due - 1us, due}) {
    CHECK(spin.wait_until(now, {.due = due, .deadline = due}) == now);
    spin.woke(now, false);
  }
  CHECK(spin.wait_until(due, {.due = due + 1ms, .deadline = due + 1ms}) == due + 800us);
}

TEST_CASE("another deadline before a due time is slept for") {
  Spin spin(200us, !kAdaptive);
  const SteadyTime due = kStart + 1ms;
  CHECK(spin.wait_until(kStart, {.due = due, .deadline = kStart + 100us}) == kStart + 100us);
  CHECK(spin.wait_until(kStart, {.due = kNever, .deadline = kStart + 100us}) == kStart + 100us);
  CHECK(spin.wait_until(kStart, {}) == kNever);
}

TEST_CASE("an answer is polled for until the limit and each message and answer begins anew") {
  Spin spin(200us, !kAdaptive);
  const Spin::Awaited first{.deadline = kStart + 10ms, .answers = 1, .begun = 1};
  CHECK(polls(spin, kStart, first) == 200us);
  CHECK(polls(spin, kStart + 300us, first) == 0us);
  // A message that leaves.
  const Spin::Awaited second{.deadline = kStart + 10ms, .answers = 2, .begun = 2};
  CHECK(polls(spin, kStart + 400us, second) == 200us);
  // An answer to one of both.
  spin.woke(kStart + 700us, true);
  const Spin::Awaited last{.deadline = kStart + 10ms, .answers = 1, .begun = 2};
  CHECK(polls(spin, kStart + 700us, last) == 200us);
}

TEST_CASE("where many answers are on their way or none is the generator sleeps") {
  Spin spin(200us, !kAdaptive);
  const auto awaited = [](std::uint64_t answers) {
    return Spin::Awaited{.deadline = kStart + 10ms, .answers = answers, .begun = answers};
  };
  CHECK(polls(spin, kStart, awaited(0)) == 0us);
  CHECK(polls(spin, kStart, awaited(Spin::kFewAnswers + 1)) == 0us);
  CHECK(polls(spin, kStart, awaited(Spin::kFewAnswers)) == 200us);
}

TEST_CASE("an adaptive generator tries ever less often for answers that take longer") {
  for (const bool adaptive : {true, false}) {
    CAPTURE(adaptive);
    Spin spin(200us, adaptive);
    int tried = 0;
    for (std::uint64_t i = 1; i <= 1000; ++i) {
      const SteadyTime now = kStart + i * 10ms;
      if (polls(spin, now, {.deadline = now + 5ms, .answers = 1, .begun = i}) > 0ns) ++tried;
      spin.woke(now + 5ms, true);
    }
    // After each try twice as many are left out: 1, 2, 4 and so on to 256, and 487 more.
    CHECK(tried == (adaptive ? 10 : 1000));
  }
}

TEST_CASE("an adaptive generator goes on trying once answers come in time") {
  Spin spin(200us, kAdaptive);
  std::uint64_t begun = 0;
  SteadyTime now = kStart;
  const auto tries = [&](std::chrono::nanoseconds takes) {
    now += 10ms;
    const Spin::Awaited awaited{.deadline = now + 9ms, .answers = 1, .begun = ++begun};
    const bool polled = spin.wait_until(now, awaited) == now;
    spin.woke(now + 1us, takes == 1us);
    if (takes != 1us) {
      polls(spin, now + 1us, awaited);
      spin.woke(now + takes, true);
    }
    return polled;
  };
  for (int i = 0; i < 20; ++i) tries(5ms);
  while (!tries(1us)) continue;
  for (int i = 0; i < 20; ++i) CHECK(tries(1us));
  // One that takes long costs no more than the next one.
  CHECK(tries(5ms));
  CHECK_FALSE(tries(1us));
  CHECK(tries(1us));
}

TEST_CASE("an adaptive generator leaves a CPU that somebody else wants") {
  for (const bool adaptive : {true, false}) {
    CAPTURE(adaptive);
    Spin spin(500us, adaptive);
    const Spin::Awaited answer{.deadline = kStart + 10ms, .answers = 1, .begun = 1};
    CHECK(spin.wait_until(kStart, answer) == kStart);
    spin.woke(kStart + 101us, false);
    CHECK((spin.wait_until(kStart + 101us, answer) == answer.deadline) == adaptive);

    const SteadyTime due = kStart + 20ms;
    const Spin::Awaited message{.due = due, .deadline = due};
    CHECK(spin.wait_until(due - 300us, message) == due - 300us);
    spin.woke(due - 199us, false);
    CHECK((spin.wait_until(due - 199us, message) == due) == adaptive);
    // Nor does it poll for the next message, but for the one behind that.
    const Spin::Awaited next{.due = due + 1ms, .deadline = due + 1ms};
    CHECK((spin.wait_until(due, next) == due + 1ms) == adaptive);
    const Spin::Awaited last{.due = due + 2ms, .deadline = due + 2ms};
    CHECK(spin.wait_until(due + 1ms, last) == due + 1500us);
  }
}

TEST_CASE("an adaptive generator polls before a due time for as long as waking up takes") {
  Spin spin(200us, kAdaptive);
  SteadyTime due = kStart;
  std::chrono::nanoseconds lead{};
  const auto wakes_late_by = [&](std::chrono::nanoseconds late) {
    due += 1ms;
    const Spin::Awaited awaited{.due = due, .deadline = due};
    const SteadyTime until = spin.wait_until(due - 900us, awaited);
    lead = due - until;
    spin.woke(until + late, false);
  };
  wakes_late_by(10us);
  CHECK(lead == 200us);
  for (int i = 0; i < 100; ++i) wakes_late_by(10us);
  CHECK(lead == 20us);
  wakes_late_by(60us);
  wakes_late_by(10us);
  CHECK(lead == 120us);
  wakes_late_by(5ms);
  wakes_late_by(10us);
  CHECK(lead == 200us);
}

TEST_CASE("only an adaptive generator that polls for an answer lets others run") {
  for (const bool adaptive : {true, false}) {
    CAPTURE(adaptive);
    Spin spin(200us, adaptive);
    const Spin::Awaited answer{.deadline = kStart + 10ms, .answers = 1, .begun = 1};
    spin.wait_until(kStart, answer);
    spin.woke(kStart + 1us, false);
    CHECK(spin.yields() == adaptive);
    spin.wait_until(kStart + 1us, answer);
    spin.woke(kStart + 2us, true);
    CHECK_FALSE(spin.yields());
    const SteadyTime due = kStart + 20us;
    spin.wait_until(kStart + 10us, {.due = due, .deadline = due, .answers = 1, .begun = 1});
    spin.woke(kStart + 11us, false);
    CHECK_FALSE(spin.yields());
  }
}

TEST_CASE("unless asked a generator polls only if CPUs are left for others") {
  LoadPlan plan;
  CHECK(effective_spin(plan, 2, 2) == 0us);
  CHECK(effective_spin(plan, 2, 1) == 0us);
  CHECK(effective_spin(plan, 1, 2) == plan.spin);
  plan.spin_adaptive = false;
  CHECK(effective_spin(plan, 2, 1) == plan.spin);
}

}  // namespace
}  // namespace echo::load
