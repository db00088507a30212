#include "server/core/stats.h"

#include <doctest/doctest.h>

#include <list>
#include <map>
#include <set>
#include <string_view>

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

TEST_CASE("every close cause and every kind of accept error is among the counters") {
  Stats stats;
  stats.count_accepted();
  for (int i = 1; i < kCloseCauses; ++i) stats.count_closed(static_cast<CloseCause>(i), 1, 0);
  for (int i = 0; i < kAcceptErrors; ++i) stats.count_accept_error(static_cast<AcceptError>(i));
  std::map<std::string_view, std::uint64_t> sums;
  std::set<std::string_view> labels;
  for (const Counter& counter : counters_of(stats.snapshot())) {
    CHECK_FALSE(counter.help.empty());
    sums[counter.metric] += counter.value;
    if (!counter.label.empty()) CHECK(labels.insert(counter.label_value).second);
  }
  CHECK(sums["connections_accepted_total"] == 1);
  CHECK(sums["received_bytes_total"] == kCloseCauses - 1);
  CHECK(sums["connections_refused_total"] == 4);
  CHECK(sums["connections_closed_total"] == kCloseCauses - 5);
  CHECK(sums["accept_errors_total"] == kAcceptErrors);
  CHECK(labels.size() == kCloseCauses - 1 + kAcceptErrors);
}

}  // namespace
}  // namespace echo
