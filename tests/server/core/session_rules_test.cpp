#include "server/core/session_rules.h"

#include <doctest/doctest.h>

#include <chrono>

namespace echo {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr Clock::time_point kStart{1h};

// A session whose bytes a test moves, looked at exactly when its rules ask for it.
class Timeline {
 public:
  explicit Timeline(const SessionLimits& limits, bool exact = true)
      : rules_(limits, kStart, exact), next_(rules_.first_look()) {
    flow_.exact = exact;
  }

  // The worker receives and sends: that many bytes are on their way to the peer afterwards.
  void echo_at(Clock::duration at, int unsent = 0) {
    run_until(at);
    last_progress_ = kStart + at;
    flow_.unsent = unsent;
    taken(at);
    if (quiet_) next_ = std::min(next_, rules_.look_after(kStart + at));
    quiet_ = false;
  }

  // The peer takes bytes until that many are left.
  void take_at(Clock::duration at, int unsent) {
    run_until(at);
    flow_.unsent = unsent;
    taken(at);
  }

  // Bytes arrive that no worker receives.
  void arrive_at(Clock::duration at, int unread) {
    run_until(at);
    flow_.unread = unread;
  }

  // Looks until the end; when that was, since the start.
  Clock::duration end() {
    run_until(24h);
    return ended_at_ - kStart;
  }
  CloseCause cause() const { return cause_; }
  int looks() const { return looks_; }

 private:
  void taken(Clock::duration at) {
    taken_at_ = kStart + at;
    // As flow_of tells it: a count of what was acknowledged, or only the length of the queue.
    flow_.taken = flow_.exact ? flow_.taken + 1 : static_cast<std::uint64_t>(flow_.unsent);
  }

  void run_until(Clock::duration at) {
    while (cause_ == CloseCause::none && next_ <= kStart + at) {
      flow_.seen_at = next_;
      flow_.taken_at = flow_.exact ? taken_at_ : next_;
      const auto outcome = rules_.look(flow_, last_progress_);
      cause_ = outcome.cause;
      ended_at_ = next_;
      REQUIRE((cause_ != CloseCause::none || outcome.next > next_));
      next_ = outcome.next;
      quiet_ = outcome.quiet;
      ++looks_;
    }
  }

  SessionRules rules_;
  Flow flow_;
  Clock::time_point last_progress_ = kStart;
  Clock::time_point taken_at_ = kStart;
  Clock::time_point next_;
  Clock::time_point ended_at_ = kStart;
  bool quiet_ = false;
  CloseCause cause_ = CloseCause::none;
  int looks_ = 0;
};

bool within(Clock::duration time, Clock::duration least, Clock::duration most) {
  CAPTURE(time.count());
  return time >= least && time <= most;
}

TEST_CASE("a client that never sends is idle exactly when its timeout is over") {
  for (const auto timeout : {1ms, 50ms, 1000ms, 300'000ms}) {
    Timeline line({.idle_timeout = timeout});
    CHECK(line.end() == timeout);
    CHECK(line.cause() == CloseCause::idle);
  }
}

TEST_CASE("an idle timeout counts from the last byte that the worker moved") {
  for (const auto at : {1ms, 100ms, 899ms, 950ms, 5'000ms, 299'999ms}) {
    CAPTURE(at.count());
    Timeline line({.idle_timeout = 5min});
    line.echo_at(at);
    CHECK(line.end() == at + 5min);
  }
}

TEST_CASE("an idle timeout counts from the last byte that the peer took") {
  for (const bool exact : {true, false}) {
    for (const auto timeout : {200ms, 1'000ms, 300'000ms}) {
      for (const auto last : {10ms, 40ms, 130ms, 190ms}) {
        CAPTURE(exact);
        CAPTURE(timeout.count());
        CAPTURE(last.count());
        Timeline line({.idle_timeout = timeout}, exact);
        line.echo_at(5ms, 1'000'000);
        line.take_at(7ms, 500'000);
        line.take_at(last, 0);
        CHECK(within(line.end(), last + timeout, last + timeout + 50ms));
      }
    }
  }
}

TEST_CASE("a client that takes its bytes slowly is not idle until it stops") {
  for (const bool exact : {true, false}) {
    Timeline line({.idle_timeout = 1s}, exact);
    line.echo_at(0ms, 100);
    for (int i = 1; i < 100; ++i) line.take_at(i * 900ms, 100 - i);
    CHECK(line.cause() == CloseCause::none);
    CHECK(within(line.end(), 99 * 900ms + 1s, 99 * 900ms + 1050ms));
    CHECK(line.cause() == CloseCause::idle);
  }
}

TEST_CASE("bytes that lie there unreceived count as traffic when they come and not for ever") {
  Timeline line({.idle_timeout = 1s});
  line.arrive_at(950ms, 10);
  CHECK(within(line.end(), 1950ms, 2050ms));
}

TEST_CASE("a look that comes late is made again before a client is idle") {
  IdleRule rule(1s, kStart);
  Flow flow;
  flow.exact = true;
  flow.seen_at = kStart + 3s;  // the process stood still
  const RuleVerdict late = rule.look(flow, kStart);
  CHECK_FALSE(late.reached);
  CHECK(within(late.next - flow.seen_at, 1ms, 100ms));

  IdleRule moved = rule;
  flow.seen_at = late.next;
  CHECK(rule.look(flow, kStart).reached);
  // A worker has accounted meanwhile for bytes that it held.
  CHECK_FALSE(moved.look(flow, kStart + 3s).reached);
}

TEST_CASE("a client that takes nothing is stalled within a second of its timeout") {
  for (const bool exact : {true, false}) {
    for (const auto timeout : {1ms, 500ms, 30'000ms}) {
      for (const auto sent : {0ms, 100ms, 899ms, 5'000ms}) {
        CAPTURE(timeout.count());
        CAPTURE(sent.count());
        Timeline line({.write_timeout = timeout}, exact);
        line.echo_at(sent, 1000);
        CHECK(within(line.end(), sent + timeout, sent + timeout + 950ms));
        CHECK(line.cause() == CloseCause::stalled);
      }
    }
  }
}

TEST_CASE("a client that takes bytes now and then stalls only once it stops") {
  for (const bool exact : {true, false}) {
    Timeline line({.write_timeout = 2s}, exact);
    line.echo_at(0ms, 100);
    for (int i = 1; i < 50; ++i) line.take_at(i * 1900ms, 100 - i);
    CHECK(line.cause() == CloseCause::none);
    CHECK(within(line.end(), 49 * 1900ms + 2s, 49 * 1900ms + 3s));
  }
}

TEST_CASE("a client that sends and takes nothing stalls however often it sends") {
  StallRule rule(1s);
  Flow flow{.seen_at = kStart, .unsent = 10, .taken = 7, .taken_at = kStart, .exact = true};
  CHECK_FALSE(rule.look(flow, kStart).reached);
  for (int i = 1; i < 10; ++i) {
    flow.seen_at = kStart + i * 100ms;
    flow.unsent += 10;
    CHECK_FALSE(rule.look(flow, flow.seen_at).reached);
  }
  flow.seen_at = kStart + 1s;
  CHECK(rule.look(flow, flow.seen_at).reached);
}

TEST_CASE("the time without bytes for the peer does not count towards a stall") {
  Timeline line({.write_timeout = 2s});
  line.echo_at(0ms, 1000);
  line.take_at(1'500ms, 0);
  line.echo_at(60'000ms, 1000);
  CHECK(within(line.end(), 62'000ms, 63'000ms));
}

TEST_CASE("a lifetime ends exactly however busy the client is") {
  for (const auto timeout : {0ms, 10'000ms}) {
    Timeline line({.idle_timeout = timeout, .max_lifetime = 3s});
    for (int i = 0; i < 60; ++i) line.echo_at(i * 49ms, 100);
    CHECK(line.end() == 3s);
    CHECK(line.cause() == CloseCause::lifetime);
  }
}

TEST_CASE("limits of 0 are never reached and never looked at") {
  const SessionRules none(SessionLimits{}, kStart, true);
  CHECK(none.first_look() == Clock::time_point::max());
  StallRule no_write_timeout(0ns);
  const Flow stuck{.seen_at = kStart, .unsent = 1, .taken_at = kStart};
  CHECK(no_write_timeout.look(stuck, kStart).next == Clock::time_point::max());
  Timeline line({.idle_timeout = 1h});  // no write timeout
  line.echo_at(0ms, 1000);
  CHECK(line.end() == 1h);
  CHECK(line.cause() == CloseCause::idle);
  Timeline only_lifetime({.max_lifetime = 1h});
  only_lifetime.echo_at(0ms, 1000);
  CHECK(only_lifetime.end() == 1h);
  CHECK(only_lifetime.looks() == 1);
}

TEST_CASE("limits of centuries are not calculated beyond the end of time") {
  const auto centuries = std::chrono::nanoseconds::max();
  Timeline line({.idle_timeout = centuries, .write_timeout = centuries, .max_lifetime = centuries});
  line.echo_at(0ms);
  line.end();
  CHECK(line.cause() == CloseCause::none);
}

TEST_CASE("a quiet session is not looked at until it can be idle") {
  Timeline line({.idle_timeout = 5min, .write_timeout = 30s});
  line.echo_at(0ms);
  line.end();
  CHECK(line.looks() <= 4);
}

}  // namespace
}  // namespace echo
