#include "client/commands/ping_tally.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/support/made_time.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::kStart;
using testing::kWallStart;

TEST_CASE("a summary without faults has two lines") {
  PingTally tally;
  for (int i = 0; i < 2; ++i) {
    tally.sent();
    CHECK_FALSE(tally.echoed(1ms, kStart));
  }
  const std::string text = tally.summary("server:7", kStart);
  CHECK(
      text.starts_with("--- server:7: 2 sent, 2 echoed, 0 lost (0%), 0 corrupt\n"
                       "time min/avg/p50/p99/max = 1."));
  CHECK(text.find("ms\n") == text.size() - 3);
}

TEST_CASE("without an answer there are no times") {
  PingTally tally;
  tally.sent();
  tally.lost(kStart, kWallStart, PingLoss::timeout);
  CHECK(tally.summary("s", kStart + 4s) ==
        "--- s: 1 sent, 0 echoed, 1 lost (100%), 0 corrupt\n"
        "1 outage, the longest: 1 lost in 4000.000 ms from 2023-11-14T22:13:20Z; not over yet\n");
}

TEST_CASE("an outage lasts from the first lost message to the next answer") {
  PingTally tally;
  tally.lost(kStart, kWallStart, PingLoss::timeout);
  tally.lost(kStart + 1s, kWallStart + 1s, PingLoss::timeout);
  CHECK(tally.echoed(1ms, kStart + 2500ms) == "2 lost in 2500.000 ms from 2023-11-14T22:13:20Z");
  CHECK_FALSE(tally.echoed(1ms, kStart + 3s));
}

TEST_CASE("the summary has the longest outage") {
  PingTally tally;
  for (const auto length : {100ms, 300ms, 200ms}) {
    tally.lost(kStart, kWallStart, PingLoss::timeout);
    tally.echoed(1ms, kStart + length);
  }
  const std::string text = tally.summary("s", kStart + 10s);
  CHECK(text.find("3 outages, the longest: 1 lost in 300.000 ms from") != std::string::npos);
  CHECK(text.find("not over") == std::string::npos);
}

TEST_CASE("a message that is young when it is given up is left out and another one is lost") {
  PingTally tally;
  tally.sent();
  tally.echoed(200ms, kStart);
  tally.sent();
  CHECK_FALSE(tally.abandoned(600ms, kStart, kWallStart));
  CHECK(tally.count() == 1);
  CHECK_FALSE(tally.any_lost());
  tally.sent();
  CHECK(tally.abandoned(700ms, kStart, kWallStart));
  CHECK(tally.count() == 2);
  CHECK(tally.any_lost());
}

TEST_CASE("intervals that were skipped are told") {
  PingTally tally;
  tally.skipped(39);
  CHECK(tally.summary("s", kStart)
            .find("39 intervals skipped while an answer or a connection was awaited\n") !=
        std::string::npos);
}

}  // namespace
}  // namespace echo
