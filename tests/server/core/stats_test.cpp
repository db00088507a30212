#include "server/core/stats.h"

#include <doctest/doctest.h>

#include <list>

#include "common/thread.h"

namespace echo {
namespace {

TEST_CASE("stats are exact after ten threads have hammered them") {
  constexpr std::uint64_t kEach = 20'000;
  Stats stats;
  {
    std::list<Thread> threads;
    for (int i = 0; i < 10; ++i) {
      threads.emplace_back("hammer", [&stats] {
        for (std::uint64_t n = 0; n < kEach; ++n) {
          stats.count_accepted();
          stats.count_closed(n % 2 == 0 ? CloseCause::idle : CloseCause::peer_closed, 3, 2);
        }
      });
    }
  }
  const StatsSnapshot snapshot = stats.snapshot();
  CHECK(snapshot.accepted == 10 * kEach);
  CHECK(snapshot.bytes_in == 30 * kEach);
  CHECK(snapshot.bytes_out == 20 * kEach);
  CHECK(snapshot.closed_as(CloseCause::idle) == 5 * kEach);
  CHECK(snapshot.closed_as(CloseCause::peer_closed) == 5 * kEach);
  CHECK(snapshot.closed_as(CloseCause::error) == 0);
}

TEST_CASE("clients are numbered from one") {
  Stats stats;
  CHECK(stats.count_accepted() == 1);
  CHECK(stats.count_accepted() == 2);
}

}  // namespace
}  // namespace echo
