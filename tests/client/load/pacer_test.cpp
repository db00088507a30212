#include "client/load/pacer.h"

#include <doctest/doctest.h>

#include <map>
#include <vector>

#include "tests/support/made_time.h"

namespace echo::load {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using testing::kStart;

struct Release {
  SteadyTime time;
  std::size_t connection;
};

std::vector<Release> all_releases(Pacer& pacer, std::size_t most = 100'000) {
  std::vector<Release> releases;
  while (pacer.next() != kNever && releases.size() < most) {
    const SteadyTime time = pacer.next();
    releases.push_back({time, pacer.release()});
  }
  return releases;
}

TEST_CASE("with a rate the connections take turns until the time has come") {
  const Timeline timeline{kStart, kStart, kStart + 10ms};
  Pacer pacer(Schedule(1000, 4, 0ns, kStart), timeline, 0, 4, 0);
  const auto releases = all_releases(pacer);
  REQUIRE(releases.size() == 10);
  for (std::size_t i = 0; i < releases.size(); ++i) {
    CHECK(releases[i].time == kStart + i * 1ms);
    CHECK(releases[i].connection == i % 4);
  }
  CHECK(pacer.released() == 10);
  CHECK(pacer.messages_per_release() == 1);
}

TEST_CASE("the generators of a run together release each message once") {
  const Timeline timeline{kStart, kStart, kStart + 1s};
  const Schedule schedule(700, 5, 300ms, kStart);
  std::map<SteadyTime, int> times;
  for (const auto& [first, count] : {std::pair{0, 2}, std::pair{2, 2}, std::pair{4, 1}}) {
    Pacer pacer(schedule, timeline, static_cast<std::uint64_t>(first),
                static_cast<std::size_t>(count), 0);
    for (const Release& one : all_releases(pacer)) ++times[one.time];
  }
  for (const auto& [time, count] : times) CHECK(count == 1);
  // Connection i of 5 joins in at 60 ms · i, so that a fifth each of the first messages is left
  // out.
  CHECK(times.size() < 700);
  CHECK(times.size() > 560);
}

TEST_CASE("what is owed at once is what would be released one by one") {
  const Schedule schedule(700, 5, 300ms, kStart);
  for (const std::uint64_t messages : {0U, 150U}) {
    const Timeline timeline{kStart, kStart + 100ms, messages == 0 ? kStart + 1s : kNever};
    for (const auto& now : {kStart - 1ms, kStart, kStart + 50ms, kStart + 299ms, kStart + 2s}) {
      for (const std::size_t released : {0U, 1U, 7U, 40U, 1000U}) {
        CAPTURE(messages);
        CAPTURE((now - kStart).count());
        CAPTURE(released);
        Pacer pacer(schedule, timeline, 1, 3, messages);
        for (std::size_t i = 0; i < released && pacer.next() <= now; ++i) pacer.release();
        std::vector<std::uint64_t> owed;
        for (std::size_t i = 0; i < 3; ++i) owed.push_back(pacer.owed(i, now));
        std::vector<std::uint64_t> one_by_one(3);
        while (pacer.next() <= now) ++one_by_one[pacer.release()];
        CHECK(owed == one_by_one);
      }
    }
  }
}

TEST_CASE("a rate below one has its messages minutes apart") {
  const Timeline timeline{kStart, kStart, kStart + 1h};
  Pacer pacer(Schedule(0.01, 2, 0ns, kStart), timeline, 0, 2, 0);
  const auto releases = all_releases(pacer);
  REQUIRE(releases.size() == 36);
  CHECK(releases[1].time == kStart + 100s);
  CHECK(releases[35].time == kStart + 3500s);
}

TEST_CASE("a count begins with the measuring") {
  const Timeline timeline{kStart, kStart + 50ms, kNever};
  for (const nanoseconds ramp : {0ms, 30ms}) {
    Pacer pacer(Schedule(1000, 3, ramp, kStart), timeline, 0, 3, 100);
    std::uint64_t measured = 0;
    std::vector<std::uint64_t> sent(3, 0);
    SteadyTime last;
    for (const Release& one : all_releases(pacer)) {
      last = one.time;
      ++sent[one.connection];
      if (one.time >= timeline.measured_from) ++measured;
    }
    CHECK(measured == 100);
    for (std::size_t i = 0; i < 3; ++i) CHECK(sent[i] == pacer.quota(i));
    CHECK(last == kStart + 149ms);
  }
}

TEST_CASE("a connection without a measured message still sends those of the warm-up") {
  const Timeline timeline{kStart, kStart + 50ms, kNever};
  Pacer pacer(Schedule(100, 10, 0ns, kStart), timeline, 0, 10, 2);
  std::vector<std::uint64_t> sent(10, 0);
  for (const Release& one : all_releases(pacer)) ++sent[one.connection];
  for (std::size_t i = 0; i < 10; ++i) CHECK(pacer.quota(i) == sent[i]);
  CHECK(pacer.released() == 7);
  CHECK(pacer.quota(0) == 1);
  CHECK(pacer.quota(9) == 0);
}

TEST_CASE("a closed loop lets each connection begin once after its part of the ramp") {
  const Timeline timeline{kStart, kStart + 1s, kStart + 2s};
  Pacer pacer(Schedule(0, 4, 1s, kStart), timeline, 2, 2, 0);
  const auto releases = all_releases(pacer);
  REQUIRE(releases.size() == 2);
  CHECK(releases[0].time == kStart + 500ms);
  CHECK(releases[1].time == kStart + 750ms);
  CHECK(pacer.messages_per_release() == Pacer::kNoLimit);
  CHECK(pacer.quota(0) == Pacer::kNoLimit);
}

TEST_CASE("a closed loop shares its count evenly") {
  const Timeline timeline{kStart, kStart, kNever};
  Pacer pacer(Schedule(0, 4, 0ns, kStart), timeline, 0, 4, 10);
  CHECK(pacer.quota(0) == 3);
  CHECK(pacer.quota(1) == 3);
  CHECK(pacer.quota(2) == 2);
  CHECK(pacer.quota(3) == 2);
}

TEST_CASE("a generator without connections releases nothing") {
  const Timeline timeline{kStart, kStart, kStart + 1s};
  CHECK(Pacer(Schedule(1000, 1, 0ns, kStart), timeline, 1, 0, 0).next() == kNever);
  CHECK(Pacer(Schedule(0, 1, 0ns, kStart), timeline, 1, 0, 0).next() == kNever);
}

TEST_CASE("nothing is released after a stop") {
  const Timeline timeline{kStart, kStart, kStart + 1s};
  Pacer pacer(Schedule(1000, 1, 0ns, kStart), timeline, 0, 1, 0);
  pacer.stop();
  CHECK(pacer.next() == kNever);
}

}  // namespace
}  // namespace echo::load
