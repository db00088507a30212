#include "client/commands/ping_figures.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>

#include "client/commands/ping_metrics.h"
#include "client/commands/ping_tally.h"
#include "tests/support/made_time.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::kStart;
using testing::kWallStart;

bool has_line(const std::string& page, const std::string& line) {
  return ('\n' + page).find('\n' + line + '\n') != std::string::npos;
}

TEST_CASE("an outage grows until an answer comes and the longest one stays") {
  PingTally tally;
  const auto figures = [&](SteadyTime now) { return tally.figures().snapshot(now); };
  CHECK(figures(kStart).outage == 0s);
  tally.lost(kStart, kWallStart, PingLoss::refused);
  CHECK(figures(kStart + 2s).outage == 2s);
  CHECK(figures(kStart + 2s).longest_outage == 2s);
  CHECK_FALSE(figures(kStart + 2s).is_up);
  tally.lost(kStart + 1s, kWallStart, PingLoss::refused);
  CHECK(figures(kStart + 3s).outage == 3s);
  tally.echoed(1ms, kStart + 4s);
  CHECK(figures(kStart + 9s).outage == 0s);
  CHECK(figures(kStart + 9s).longest_outage == 4s);
  CHECK(figures(kStart + 9s).is_up);
  tally.lost(kStart + 10s, kWallStart, PingLoss::timeout);
  CHECK(figures(kStart + 11s).outage == 1s);
  CHECK(figures(kStart + 11s).longest_outage == 4s);
  tally.echoed(1ms, kStart + 12s);
  CHECK(figures(kStart + 12s).outages == 2);
}

TEST_CASE("whatever was sent came back or was lost for one cause") {
  PingTally tally;
  for (std::size_t cause = 0; cause < kPingLosses; ++cause) {
    tally.sent();
    if (static_cast<PingLoss>(cause) == PingLoss::wrong_bytes) {
      tally.corrupt();
    } else {
      tally.lost(kStart, kWallStart, static_cast<PingLoss>(cause));
    }
  }
  tally.sent();
  tally.echoed(3ms, kStart);
  tally.unexpected();
  const auto figures = tally.figures().snapshot(kStart);
  CHECK(figures.sent == kPingLosses + 1);
  CHECK(figures.round_trip.count() == 1);
  CHECK(figures.unexpected == 1);
  for (const std::uint64_t lost : figures.lost) CHECK(lost == 1);
}

TEST_CASE("each cause has a word of its own and those of results keep theirs") {
  std::set<std::string_view> words;
  for (std::size_t i = 0; i < kPingLosses; ++i) words.insert(name(static_cast<PingLoss>(i)));
  CHECK(words.size() == kPingLosses);
  CHECK(name(loss_of(Failure::peer_reset)) == "peer_reset");
  CHECK(name(loss_of(Failure::other)) == "other");
}

TEST_CASE("the page has a round trip in its bucket and connecting apart from it") {
  PingTally tally;
  tally.connected(40ms, false);
  tally.connected(40ms, true);
  tally.sent();
  tally.echoed(300us, kStart);
  const std::string page = ping_page(
      {"a:7", "b\"7"}, {tally.figures().snapshot(kStart), PingFigures::Snapshot{}}, 100ms);
  CAPTURE(page);
  CHECK(has_line(page, R"(echoc_ping_round_trip_seconds_bucket{target="a:7",le="0.00025"} 0)"));
  CHECK(has_line(page, R"(echoc_ping_round_trip_seconds_bucket{target="a:7",le="0.0005"} 1)"));
  CHECK(has_line(page, R"(echoc_ping_round_trip_seconds_sum{target="a:7"} 0.0003)"));
  CHECK(has_line(page, R"(echoc_ping_connect_seconds_bucket{target="a:7",le="0.025"} 0)"));
  CHECK(has_line(page, R"(echoc_ping_connect_seconds_count{target="a:7"} 2)"));
  CHECK(has_line(page, R"(echoc_ping_reconnects_total{target="a:7"} 1)"));
  CHECK(has_line(page, R"(echoc_ping_sent_total{target="b\"7"} 0)"));
  CHECK(has_line(page, "echoc_ping_interval_seconds 0.1"));
}

}  // namespace
}  // namespace echo
