#include "client/idle/search.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace echo::idle {
namespace {

using namespace std::chrono_literals;
using Time = Search::Time;

// What a search finds on a box that forgets a connection after a silence of `threshold`.
struct Found {
  Time alive{0};
  Time dead = Time::max();
  std::size_t steps = 0;
  std::size_t most_at_once = 0;
};

enum class Box { silent, closes };

// All gaps of a step are tried, the shortest first, as long as they are needed.
Found run(Search& search, Time threshold, Box box) {
  Found found;
  for (auto gaps = search.next(); !gaps.empty(); gaps = search.next()) {
    found.most_at_once = std::max(found.most_at_once, gaps.size());
    for (const Time gap : gaps) {
      if (!search.is_needed(gap)) continue;
      if (gap < threshold) {
        search.survived(gap);
        found.alive = std::max(found.alive, gap);
      } else {
        const Time silence = box == Box::closes ? threshold : gap;
        search.died(silence, box == Box::closes);
        found.dead = std::min(found.dead, silence);
      }
    }
    REQUIRE(search.steps() < 100);
  }
  found.steps = search.steps();
  return found;
}

constexpr Search::Range kDefault{10s, 125min, 5s};

TEST_CASE("a search finds every threshold to within its precision in few steps") {
  for (const Box box : {Box::silent, Box::closes}) {
    for (Time threshold = 10001ms; threshold < 7490s; threshold += 12345ms) {
      CAPTURE(threshold.count());
      Search search(kDefault, std::nullopt);
      const Found found = run(search, threshold, box);
      CHECK(found.alive < threshold);
      CHECK(found.dead >= threshold);
      CHECK(found.dead - found.alive <= 5s);
      CHECK(found.steps <= 5);
      CHECK(found.most_at_once <= Search::kAtOnce + 2);
    }
  }
}

TEST_CASE("a box that closes by itself is found in two steps") {
  for (const Time threshold : {30s, 240s, 350s, 3600s}) {
    Search search(kDefault, std::nullopt);
    const Found found = run(search, threshold, Box::closes);
    CHECK(found.dead == threshold);
    CHECK(found.alive >= threshold - 5s);
    CHECK(found.steps == 2);
  }
}

TEST_CASE("the first step has both ends of the range and the required gap") {
  Search search({1s, 100s, 1s}, 7s);
  const auto gaps = search.next();
  CHECK(gaps.size() == Search::kAtOnce + 3);
  CHECK(gaps.front() == 1s);
  CHECK(gaps.back() == 100s);
  CHECK(std::ranges::count(gaps, Time(7s)) == 1);
  CHECK(std::ranges::is_sorted(gaps));
}

TEST_CASE("a wide range is divided by factors and a narrow one evenly") {
  Search wide({1s, 512s, 1ms}, std::nullopt);
  CHECK(wide.next() == std::vector<Time>{1s, 2s, 4s, 8s, 16s, 32s, 64s, 128s, 256s, 512s});
  Search narrow({10s, 19s, 1ms}, std::nullopt);
  CHECK(narrow.next() == std::vector<Time>{10s, 11s, 12s, 13s, 14s, 15s, 16s, 17s, 18s, 19s});
}

TEST_CASE("a step has no more gaps than the precision needs") {
  Search search({10s, 20s, 5s}, std::nullopt);
  CHECK(search.next() == std::vector<Time>{10s, 15s, 20s});
}

TEST_CASE("a path that survives the whole range needs one step") {
  Search search(kDefault, std::nullopt);
  const Found found = run(search, Time::max(), Box::silent);
  CHECK(found.alive == kDefault.to);
  CHECK(found.dead == Time::max());
  CHECK(found.steps == 1);
}

TEST_CASE("a path that does not survive the shortest gap needs one step") {
  Search search(kDefault, std::nullopt);
  const Found found = run(search, 1s, Box::silent);
  CHECK(found.dead == 10s);
  CHECK(found.steps == 1);
}

TEST_CASE("a longer gap than one that died is not needed") {
  Search search({1s, 100s, 1s}, std::nullopt);
  search.next();
  CHECK(search.is_needed(100s));
  search.died(10s, false);
  CHECK_FALSE(search.is_needed(10s));
  CHECK_FALSE(search.is_needed(100s));
  CHECK(search.is_needed(9s));
}

TEST_CASE("a step of which nothing is known is the last one") {
  Search failed({1s, 100s, 1s}, std::nullopt);
  CHECK_FALSE(failed.next().empty());
  CHECK(failed.next().empty());
  Search stuck({1s, 100s, 1s}, std::nullopt);
  stuck.next();
  stuck.survived(1s);
  stuck.died(100s, false);
  CHECK_FALSE(stuck.next().empty());
  CHECK(stuck.next().empty());
}

TEST_CASE("a step in which everything ends too late is repeated a few times") {
  Search search({1s, 100s, 1s}, std::nullopt);
  search.next();
  search.survived(1s);
  search.died(20s, true);
  std::size_t late_steps = 0;
  for (; !search.next().empty(); ++late_steps) search.died(21s, true);
  CHECK(late_steps == 3);
}

TEST_CASE("a longer survivor does not hide a shorter gap that died") {
  Search search({1s, 100s, 1s}, std::nullopt);
  search.next();
  search.survived(50s);
  search.died(20s, false);
  CHECK(search.next().empty());  // nothing below 20 s is known to survive
  Search other({1s, 100s, 1s}, std::nullopt);
  other.next();
  other.died(20s, false);
  other.survived(50s);
  other.survived(10s);
  const auto gaps = other.next();
  REQUIRE_FALSE(gaps.empty());
  CHECK(gaps.front() > 10s);
  CHECK(gaps.back() < 20s);
}

}  // namespace
}  // namespace echo::idle
