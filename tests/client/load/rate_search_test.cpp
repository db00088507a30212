#include "client/load/rate_search.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <vector>

namespace echo::load {
namespace {

using Kind = RateSearch::Kind;
using Outcome = RateSearch::Outcome;
using Step = RateSearch::Step;
using enum TrialVerdict;

constexpr RateSearch::Range kRange{.from = 100, .to = 100'000, .precision = 0.02};

// Runs the search against a server, which is what becomes of each step, and returns the steps.
std::vector<Step> run(RateSearch& search, const std::function<Outcome(const Step&)>& server) {
  std::vector<Step> steps;
  while (search.next().kind != Kind::over && steps.size() < 100) {
    steps.push_back(search.next());
    search.take(server(search.next()));
  }
  CHECK(search.next().kind == Kind::over);
  return steps;
}

// A server that answers so many per second, and no more.
std::function<Outcome(const Step&)> server_of(double capacity) {
  return [capacity](const Step& step) {
    return Outcome{step.rate <= capacity ? met : missed, std::min(step.rate, capacity),
                   LimitedBy::server};
  };
}

long confirmations(const std::vector<Step>& steps) {
  return std::ranges::count(steps, Kind::confirmation, &Step::kind);
}

void take_all(RateSearch& search, std::initializer_list<TrialVerdict> verdicts) {
  for (const TrialVerdict verdict : verdicts) {
    search.take({verdict, search.next().rate, LimitedBy::server});
  }
}

TEST_CASE("the rate doubles until one fails") {
  RateSearch search(kRange);
  const auto steps = run(search, server_of(1234));
  for (const double rate : {100, 200, 400, 800, 1600}) {
    const auto is_tried = [rate](const Step& step) { return step.rate == rate; };
    CHECK(std::ranges::count_if(steps, is_tried) == 1);
  }
  CHECK(steps[4].rate == 1600);
  CHECK(steps[5].rate == 1200);
}

TEST_CASE("the highest rate is found within the precision wherever it is") {
  for (const double precision : {0.001, 0.02, 0.2}) {
    for (double capacity = 100; capacity < 100'000; capacity *= 1.37) {
      CAPTURE(precision);
      CAPTURE(capacity);
      RateSearch search({.from = 100, .to = 100'000, .precision = precision});
      const auto steps = run(search, server_of(capacity));
      CHECK(search.rate() <= capacity);
      CHECK(search.rate() >= capacity / (1 + 1.1 * precision));
      CHECK(search.is_confirmed());
      REQUIRE(search.next_failed());
      CHECK(*search.next_failed() > capacity);
      CHECK(*search.next_failed() <= search.rate() * (1 + 1.1 * precision));
      CHECK(search.limited_by() == LimitedBy::server);
      CHECK(confirmations(steps) == 1);
      CHECK(steps.back().kind == Kind::confirmation);
    }
  }
}

TEST_CASE("rates below one are searched as well") {
  RateSearch search({.from = 0.01, .to = 10, .precision = 0.02});
  run(search, server_of(0.5));
  CHECK(search.rate() <= 0.5);
  CHECK(search.rate() >= 0.49);
}

TEST_CASE("rates read well") {
  RateSearch search(kRange);
  for (const Step& step : run(search, server_of(43'210)))
    CHECK(step.rate == double(int(step.rate)));
}

TEST_CASE("no rate is tried beyond the highest") {
  RateSearch search({.from = 100, .to = 300, .precision = 0.02});
  const auto steps = run(search, server_of(1000));
  REQUIRE(steps.size() == 4);
  CHECK(steps[2].rate == 300);
  CHECK(steps[3].rate == 300);
  CHECK(steps[3].kind == Kind::confirmation);
  CHECK(search.rate() == 300);
  CHECK_FALSE(search.next_failed());
  CHECK(search.limited_by() == LimitedBy::rate);
}

TEST_CASE("a search from and to the same rate tries only that") {
  RateSearch search({.from = 100, .to = 100, .precision = 0.02});
  CHECK(run(search, server_of(1000)).size() == 2);
  CHECK(search.rate() == 100);
}

TEST_CASE("if the lowest rate fails nothing is found") {
  RateSearch search(kRange);
  CHECK(run(search, server_of(50)).size() == 1);
  CHECK(search.rate() == 0);
  CHECK_FALSE(search.is_confirmed());
  CHECK(search.next_failed() == 100);
}

TEST_CASE("a single miss does not decide") {
  RateSearch search(kRange);
  take_all(search, {missed});
  CHECK(search.next().rate == 100);
  take_all(search, {met});
  CHECK(search.next().rate == 200);
  take_all(search, {missed, missed});
  CHECK(search.next().rate == 150);
  CHECK(search.next_failed() == 200);
}

TEST_CASE("a clear overload decides at once") {
  RateSearch search(kRange);
  take_all(search, {met});
  search.take({missed, 110, LimitedBy::server});
  CHECK(search.next().rate == 150);
}

TEST_CASE("a trial that says nothing is repeated and then counts as the limit of echoc") {
  RateSearch search(kRange);
  take_all(search, {met, unknown, unknown});
  CHECK(search.next().rate == 200);
  CHECK_FALSE(search.next_failed());
  take_all(search, {unknown});
  CHECK(search.next_failed() == 200);
  CHECK(search.limited_by() == LimitedBy::generator);
  CHECK(search.next().rate == 150);
}

TEST_CASE("trials that say nothing at one rate are not counted at the next") {
  RateSearch search(kRange);
  take_all(search, {unknown, unknown, met, unknown, unknown});
  CHECK(search.next().rate == 200);
  CHECK_FALSE(search.next_failed());
}

TEST_CASE("a search in which nothing can be judged ends") {
  RateSearch search(kRange);
  run(search, [](const Step& step) { return Outcome{unknown, step.rate, LimitedBy::server}; });
  CHECK(search.rate() == 0);
  CHECK(search.limited_by() == LimitedBy::generator);
}

TEST_CASE("what made the next rate fail is known") {
  RateSearch search(kRange);
  run(search, [](const Step& step) {
    const bool good = step.rate < 700;
    return Outcome{good ? met : missed, step.rate, LimitedBy::connections};
  });
  CHECK(search.limited_by() == LimitedBy::connections);
}

// Meets in short trials what it does not in long runs.
std::function<Outcome(const Step&)> flattering_server(double shown, double capacity) {
  return [=](const Step& step) {
    const double limit = step.kind == Kind::trial ? shown : capacity;
    return Outcome{step.rate <= limit ? met : missed, step.rate, LimitedBy::server};
  };
}

TEST_CASE("if the long run fails the search goes on below with long runs") {
  RateSearch search(kRange);
  const auto steps = run(search, flattering_server(1000, 950));
  CHECK(search.is_confirmed());
  CHECK(search.rate() <= 950);
  CHECK(search.rate() >= 910);
  REQUIRE(search.next_failed());
  CHECK(*search.next_failed() > 950);
  const auto first = std::ranges::find(steps, Kind::confirmation, &Step::kind);
  CHECK(std::all_of(first, steps.end(),
                    [](const Step& step) { return step.kind == Kind::confirmation; }));
}

TEST_CASE("a single miss of the long run does not decide either") {
  RateSearch search({.from = 100, .to = 100, .precision = 0.02});
  take_all(search, {met, missed});
  CHECK(search.next().kind == Kind::confirmation);
  CHECK(search.next().rate == 100);
  take_all(search, {met});
  CHECK(search.rate() == 100);
  CHECK(search.is_confirmed());
  CHECK_FALSE(search.next_failed());
}

TEST_CASE("one long run that missed is repeated and no other") {
  RateSearch search({.from = 100, .to = 200, .precision = 0.02});
  take_all(search, {met, met, missed, missed});
  CHECK(search.next_failed() == 200);
  CHECK(search.next().rate == 196);
  take_all(search, {missed});
  CHECK(search.next().rate < 196);
}

TEST_CASE("a long run in which the server fell behind is not repeated") {
  RateSearch search({.from = 100, .to = 200, .precision = 0.02});
  take_all(search, {met, met});
  search.take({missed, 150, LimitedBy::server});
  CHECK(search.next().kind == Kind::confirmation);
  CHECK(search.next().rate == 150);
}

TEST_CASE("a server that fell behind in the long run shows how far down to go") {
  RateSearch search(kRange);
  std::vector<double> confirmed;
  run(search, [&](const Step& step) {
    const double capacity = step.kind == Kind::trial ? 1000 : 800;
    if (step.kind == Kind::confirmation) confirmed.push_back(step.rate);
    return Outcome{step.rate <= capacity ? met : missed, std::min(step.rate, capacity),
                   LimitedBy::server};
  });
  REQUIRE(confirmed.size() >= 2);
  CHECK(confirmed[1] == 800);
  CHECK(search.rate() >= 800 / 1.02);
}

TEST_CASE("the number of long runs is bounded and none may be met") {
  for (const double capacity : {0.0, 150.0, 500.0, 900.0, 990.0}) {
    CAPTURE(capacity);
    RateSearch search(kRange);
    const auto steps = run(search, flattering_server(1000, capacity));
    CHECK(confirmations(steps) <= RateSearch::kMostConfirmations);
    CHECK(search.rate() <= capacity);
    CHECK(search.is_confirmed() == (search.rate() > 0));
  }
}

TEST_CASE("nothing is found only if the lowest rate failed in a long run") {
  RateSearch search(kRange);
  std::vector<double> tried;
  run(search, [&](const Step& step) {
    const bool is_met = step.kind == Kind::trial ? step.rate <= 1000 : step.rate <= 120;
    if (step.kind == Kind::confirmation) tried.push_back(step.rate);
    return Outcome{is_met ? met : missed, step.rate, LimitedBy::server};
  });
  CHECK(tried.size() == RateSearch::kMostConfirmations);
  CHECK(tried.back() == 100);
  CHECK(search.rate() == 100);
  CHECK(search.is_confirmed());
}

TEST_CASE("a long run that is repeated leaves the last one to the lowest rate") {
  RateSearch search(kRange);
  std::vector<double> tried;
  run(search, [&](const Step& step) {
    if (step.kind == Kind::trial) return Outcome{met, step.rate, LimitedBy::server};
    tried.push_back(step.rate);
    if (step.rate == 100) return Outcome{met, step.rate, LimitedBy::server};
    // It falls behind, but for the sixth time, which misses by its latency alone.
    const double share = tried.size() < 6 ? 0.8 : 1;
    return Outcome{missed, share * step.rate, LimitedBy::server};
  });
  CHECK(tried.size() == RateSearch::kMostConfirmations);
  CHECK(tried.back() == 100);
  CHECK(search.rate() == 100);
}

TEST_CASE("no long run is tried below the lowest rate") {
  RateSearch search({.from = 100, .to = 105, .precision = 0.02});
  const auto steps = run(search, flattering_server(1000, 50));
  for (const Step& step : steps) CHECK(step.rate >= 100);
  CHECK(steps.back().rate == 100);
  CHECK(search.rate() == 0);
}

TEST_CASE("a long run that says nothing is repeated too") {
  RateSearch search({.from = 100, .to = 100, .precision = 0.02});
  take_all(search, {met, unknown, unknown});
  CHECK(search.next().kind == Kind::confirmation);
  take_all(search, {unknown});
  CHECK(search.next().kind == Kind::over);
  CHECK(search.rate() == 0);
  CHECK(search.limited_by() == LimitedBy::generator);
}

TEST_CASE("the answer is what was achieved and never more than was asked for") {
  RateSearch search({.from = 100, .to = 100, .precision = 0.02});
  search.take({met, 100, LimitedBy::rate});
  CHECK(search.rate() == 100);
  CHECK_FALSE(search.is_confirmed());
  search.take({met, 99.2, LimitedBy::rate});
  CHECK(search.rate() == 99.2);
  RateSearch other({.from = 100, .to = 100, .precision = 0.02});
  other.take({met, 101, LimitedBy::rate});
  CHECK(other.rate() == 100);
}

}  // namespace
}  // namespace echo::load
