#include "client/load/punctuality.h"

#include <doctest/doctest.h>

#include "tests/support/made_time.h"

namespace echo::load {
namespace {

using namespace std::chrono_literals;
using testing::kStart;

TEST_CASE("an event that ends a wait in time has come just then") {
  Punctuality loop;
  loop.waits(kStart, kStart + 10ms);
  loop.woke(kStart + 3ms, true);
  CHECK(loop.earliest() == kStart + 3ms);
  CHECK(loop.answer_time(kStart - 1ms) == 4ms);
  CHECK(loop.longest_pause() == 0ns);
}

TEST_CASE("an event that is there when the wait begins came in the middle of the last turn") {
  Punctuality loop;
  loop.waits(kStart, kStart + 10ms);
  loop.woke(kStart + 1ms, true);
  loop.waits(kStart + 1200us, kStart + 10ms);
  loop.woke(kStart + 1201us, true);
  CHECK(loop.earliest() == kStart + 1ms);
  CHECK(loop.answer_time(kStart) == 1100us);
  CHECK(loop.answer_time(kStart + 1100us) == 50us);  // it left within that turn
  CHECK(loop.longest_pause() == 200us);
}

TEST_CASE("what a process that was stopped in a turn finds came at once or is not known") {
  Punctuality loop;
  loop.waits(kStart, kStart + 10ms);
  loop.woke(kStart + 1ms, true);
  loop.waits(kStart + 2s, kStart + 10ms);
  CHECK(loop.longest_pause() == 1999ms);
  loop.woke(kStart + 2s + 1us, true);
  CHECK(loop.answer_time(kStart) == 1ms);           // was under way before
  CHECK(loop.answer_time(kStart + 1500us) == 0us);  // left in that turn
  loop.waits(kStart + 2s + 2us, kNever);
  loop.woke(kStart + 2s + 102us, true);
  CHECK(loop.answer_time(kStart + 1500us) == 102us);    // and its answer took another turn
  CHECK(loop.answer_time(kStart + 2s + 1us) == 101us);  // left when all was well again
}

TEST_CASE("what is told in many turns after a stop is not charged with the stop") {
  for (const bool in_a_wait : {false, true}) {
    CAPTURE(in_a_wait);
    Punctuality loop;
    loop.waits(kStart, kStart + 10ms);
    SteadyTime now = kStart + 2s;
    if (in_a_wait) {
      loop.woke(now, false);
    } else {
      loop.woke(kStart + 1ms, true);
    }
    for (const bool told_all : {false, false, false, true}) {
      now += 3ms;  // each turn is a long one
      loop.waits(now, kStart + 10ms);
      now += 50us;
      loop.woke(now, told_all);
      CHECK(loop.answer_time(kStart) <= 20ms);
    }
  }
}

TEST_CASE("a loop that oversleeps a little was late from its deadline on") {
  Punctuality loop;
  loop.waits(kStart, kStart + 10ms);
  loop.woke(kStart + 10ms + 60us, true);
  CHECK(loop.earliest() == kStart + 10ms);
  CHECK(loop.longest_pause() == 60us);
}

TEST_CASE("a process that was stopped may have missed what came since it began to wait") {
  Punctuality loop;
  loop.waits(kStart, kStart + 10ms);
  loop.woke(kStart + 2s, true);
  CHECK(loop.earliest() == kStart);
  CHECK(loop.answer_time(kStart - 1ms) == 1ms);
  CHECK(loop.longest_pause() == 1990ms);
}

TEST_CASE("a deadline that had passed before the wait makes no pause of it") {
  Punctuality loop;
  loop.waits(kStart, kStart - 1s);
  loop.woke(kStart + 1us, true);
  CHECK(loop.longest_pause() == 1us);
}

TEST_CASE("while there are more events than can be told none is younger than the first of them") {
  Punctuality loop;
  loop.waits(kStart, kNever);
  loop.woke(kStart + 1ms, false);
  CHECK(loop.told_until() == SteadyTime());
  loop.waits(kStart + 2ms, kNever);
  loop.woke(kStart + 2ms, true);
  CHECK(loop.earliest() == kStart + 1ms);
  CHECK(loop.told_until() == kStart + 2ms);
}

TEST_CASE("of what comes in a stop behind a wait nothing was told") {
  Punctuality loop;
  loop.waits(kStart, kStart + 10ms);
  loop.woke(kStart + 3s, true);
  CHECK(loop.told_until() == kStart);
  loop.waits(kStart + 3s, kStart + 4s);
  loop.woke(kStart + 3s + 1us, true);
  CHECK(loop.told_until() == kStart + 3s);
}

TEST_CASE("pauses before the measuring are forgotten") {
  Punctuality loop;
  loop.waits(kStart, kStart);
  loop.woke(kStart + 1s, true);
  loop.count_pauses_from(kStart + 1s);
  CHECK(loop.longest_pause() == 0ns);
}

TEST_CASE("of a pause that reaches into the measuring its part in there counts") {
  Punctuality asleep;
  asleep.waits(kStart, kStart + 10ms);
  asleep.count_pauses_from(kStart + 400ms);
  asleep.woke(kStart + 1s, true);
  CHECK(asleep.longest_pause() == 600ms);

  Punctuality busy;
  busy.waits(kStart, kStart + 10ms);
  busy.woke(kStart + 1ms, true);
  busy.count_pauses_from(kStart + 400ms);
  busy.waits(kStart + 1s, kStart + 2s);
  CHECK(busy.longest_pause() == 600ms);

  Punctuality just_woken;
  just_woken.waits(kStart, kStart + 10ms);
  just_woken.woke(kStart + 1s, true);
  just_woken.count_pauses_from(kStart + 400ms);
  CHECK(just_woken.longest_pause() == 600ms);
}

}  // namespace
}  // namespace echo::load
