#include "client/commands/ping_schedule.h"

#include <doctest/doctest.h>

#include "tests/support/made_time.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::kStart;

TEST_CASE("a message is due every interval whatever the one before took") {
  PingSchedule schedule(1s);
  schedule.start(kStart);
  CHECK(schedule.due() == kStart);
  CHECK(schedule.advance(kStart + 3ms) == 0);
  CHECK(schedule.due() == kStart + 1s);
  CHECK(schedule.advance(kStart + 2s) == 0);
  CHECK(schedule.due() == kStart + 2s);
}

TEST_CASE("intervals that a message has covered are left out and the rest keep their places") {
  PingSchedule schedule(1s);
  schedule.start(kStart);
  CHECK(schedule.advance(kStart + 3500ms) == 2);
  CHECK(schedule.due() == kStart + 3s);
  CHECK(schedule.advance(kStart + 3501ms) == 0);
  CHECK(schedule.due() == kStart + 4s);
}

TEST_CASE("the targets of a ping are spread over an interval") {
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(first_due(kStart, 100ms, i, 4) == kStart + i * 25ms);
  }
  CHECK(first_due(kStart, 1s, 0, 1) == kStart);
}

TEST_CASE("no target waits for more than a second for its first message") {
  CHECK(first_due(kStart, 1h, 1, 2) == kStart + 500ms);
  CHECK(first_due(kStart, 1h, 99, 100) == kStart + 990ms);
}

}  // namespace
}  // namespace echo
