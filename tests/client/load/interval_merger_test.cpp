#include "client/load/interval_merger.h"

#include <doctest/doctest.h>

namespace echo::load {
namespace {

using namespace std::chrono_literals;

GeneratorInterval interval(std::uint64_t first, std::uint64_t last, std::uint64_t answers = 1) {
  GeneratorInterval result;
  result.first = first;
  result.last = last;
  result.errors = 1;
  result.failed_connections = 1;
  result.connections = 10;
  for (std::uint64_t i = 0; i < answers; ++i) result.latency.record(1ms);
  return result;
}

GeneratorInterval final_interval(std::uint64_t first, std::chrono::nanoseconds end) {
  GeneratorInterval result = interval(first, first);
  result.is_final = true;
  result.end = end;
  return result;
}

TEST_CASE("an interval is complete when every generator has told of it") {
  IntervalMerger merger(2);
  CHECK_FALSE(merger.take());
  merger.add(0, interval(0, 0));
  CHECK_FALSE(merger.take());
  merger.add(0, interval(1, 1));
  GeneratorInterval late = interval(0, 0);
  late.lateness = 3ms;
  merger.add(1, late);
  const auto merged = merger.take();
  REQUIRE(merged);
  CHECK(merged->first == 0);
  CHECK(merged->latency.count() == 2);
  CHECK(merged->errors == 2);
  CHECK(merged->failed_connections == 2);
  CHECK(merged->connections == 20);
  CHECK(merged->lateness == 3ms);
  CHECK_FALSE(merged->is_final);
  CHECK_FALSE(merger.take());
}

TEST_CASE("intervals in which nothing was told are empty") {
  IntervalMerger merger(1);
  merger.add(0, interval(0, 0));
  merger.add(0, interval(3, 3));
  CHECK(merger.take()->latency.count() == 1);
  for (std::uint64_t number = 1; number <= 2; ++number) {
    const auto merged = merger.take();
    REQUIRE(merged);
    CHECK(merged->first == number);
    CHECK(merged->latency.count() == 0);
    CHECK(merged->connections == 10);
  }
  CHECK(merger.take()->first == 3);
  CHECK_FALSE(merger.take());
}

TEST_CASE("intervals that one generator tells of together become one for all") {
  IntervalMerger merger(2);
  merger.add(0, interval(0, 0));
  merger.add(0, interval(1, 1));
  merger.add(0, interval(2, 2));
  merger.add(1, interval(0, 1));
  merger.add(1, interval(2, 2));
  const auto first = merger.take();
  REQUIRE(first);
  CHECK(first->first == 0);
  CHECK(first->last == 1);
  CHECK(first->latency.count() == 3);
  const auto second = merger.take();
  REQUIRE(second);
  CHECK(second->first == 2);
  CHECK(second->latency.count() == 2);
}

TEST_CASE("the last interval is that of the generator that ends last and lasts until its end") {
  IntervalMerger merger(2);
  merger.add(0, final_interval(0, 700ms));
  merger.add(1, interval(0, 0));
  merger.add(1, final_interval(1, 1300ms));
  const auto first = merger.take();
  REQUIRE(first);
  CHECK_FALSE(first->is_final);
  const auto last = merger.take();
  REQUIRE(last);
  CHECK(last->is_final);
  CHECK(last->end == 1300ms);
  CHECK_FALSE(merger.take());
}

TEST_CASE("generators that end in the same interval make it the last one") {
  IntervalMerger merger(2);
  merger.add(0, final_interval(0, 700ms));
  CHECK_FALSE(merger.take());
  merger.add(1, final_interval(0, 900ms));
  const auto last = merger.take();
  REQUIRE(last);
  CHECK(last->is_final);
  CHECK(last->end == 900ms);
}

TEST_CASE("a generator that ended without an interval holds up nothing") {
  IntervalMerger merger(2);
  merger.add(0, final_interval(0, 700ms));
  merger.close(1);
  CHECK(merger.take()->is_final);
  CHECK_FALSE(merger.take());
}

}  // namespace
}  // namespace echo::load
