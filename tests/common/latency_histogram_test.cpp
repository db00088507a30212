#include "common/latency_histogram.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <list>

#include "common/thread.h"

namespace echo {
namespace {

using namespace std::chrono_literals;

TEST_CASE("the buckets of a latency histogram go from ten microseconds to five seconds") {
  CHECK(LatencyHistogram::kBounds.front() == 10us);
  CHECK(LatencyHistogram::kBounds[1] == 25us);
  CHECK(LatencyHistogram::kBounds.back() == 5s);
  CHECK(std::ranges::is_sorted(LatencyHistogram::kBounds));
}

TEST_CASE("a bucket takes what is as long as its bound and not what is longer") {
  LatencyHistogram histogram;
  histogram.record(0ns);
  histogram.record(10us);
  histogram.record(10us + 1ns);
  histogram.record(5s);
  histogram.record(1h);
  const auto snapshot = histogram.snapshot();
  CHECK(snapshot.counts[0] == 2);
  CHECK(snapshot.counts[1] == 1);
  CHECK(snapshot.counts[LatencyHistogram::kBounds.size() - 1] == 1);
  CHECK(snapshot.counts[LatencyHistogram::kBounds.size()] == 1);
  CHECK(snapshot.count() == 5);
  CHECK(snapshot.sum == 20us + 1ns + 5s + 1h);
}

TEST_CASE("a latency histogram is exact after ten threads have hammered it") {
  constexpr std::uint64_t kEach = 20'000;
  LatencyHistogram histogram;
  {
    std::list<Thread> threads;
    for (int i = 0; i < 10; ++i) {
      threads.emplace_back("hammer", [&histogram] {
        for (std::uint64_t n = 0; n < kEach; ++n) histogram.record(n % 2 == 0 ? 1us : 1ms);
      });
    }
  }
  CHECK(histogram.snapshot().count() == 10 * kEach);
  CHECK(histogram.snapshot().counts[0] == 5 * kEach);
  CHECK(histogram.snapshot().sum == 5 * kEach * 1us + 5 * kEach * 1ms);
}

}  // namespace
}  // namespace echo
