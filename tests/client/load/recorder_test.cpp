#include "client/load/recorder.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/made_time.h"

namespace echo::load {
namespace {

using namespace std::chrono_literals;
using testing::kStart;

struct RecorderFixture {
  explicit RecorderFixture(bool open_loop = true, SteadyTime end = kStart + 10s)
      : recorder(open_loop, false, queue) {
    recorder.measure_from(kStart, 1s, end);
  }

  // A message that is due and leaves at these times.
  static Message message(SteadyTime due, SteadyTime ready, SteadyTime begun) {
    Message result;
    result.end = 64;
    result.intended = due;
    result.ready = ready;
    result.begun = begun;
    return result;
  }
  static Message message(SteadyTime due) { return message(due, due, due); }

  const Counters& counters() { return recorder.measured().counters; }

  // Takes the next interval, which must be there.
  GeneratorInterval take() {
    auto interval = queue.take();
    REQUIRE(interval);
    GeneratorInterval copy = *interval;
    queue.give_back(std::move(interval));
    return copy;
  }

  WakeEvent news;
  IntervalQueue queue{news};
  Recorder recorder;
};

TEST_CASE("what every message became adds up to what was sent") {
  RecorderFixture fixture;
  Recorder& recorder = fixture.recorder;
  for (int i = 0; i < 6; ++i) recorder.began(RecorderFixture::message(kStart + 1ms));
  Message answered = RecorderFixture::message(kStart + 1ms);
  answered.done = answered.ready + 1ms;
  recorder.answered(answered, kStart + 2ms);
  recorder.timed_out(answered);
  recorder.lost(answered);
  recorder.unanswered(answered);
  recorder.corrupt(answered, {});
  CHECK(recorder.in_flight() == 1);
  recorder.lost(answered);
  const auto& messages = fixture.counters().messages;
  CHECK(messages.sent == 6);
  CHECK(messages.sent == messages.echoed + messages.corrupt + messages.timed_out + messages.lost +
                             messages.in_flight);
  CHECK(recorder.in_flight() == 0);
}

TEST_CASE("what is given up of a quota is unsent even before the measuring") {
  RecorderFixture fixture(false);
  fixture.recorder.unsent(3, kStart - 1s);
  CHECK(fixture.counters().messages.unsent == 3);
  fixture.recorder.publish_until(kStart + 1s);
  CHECK(fixture.take().unsent == 3);
}

TEST_CASE("times count alike until the measuring begins and then until their interval ends") {
  const RecorderFixture fixture;
  const Recorder& recorder = fixture.recorder;
  CHECK(recorder.counts_alike_until(kStart - 1ns) == kStart);
  CHECK(recorder.counts_alike_until(kStart) == kStart + 1s);
  CHECK(recorder.counts_alike_until(kStart + 1s - 1ns) == kStart + 1s);
  CHECK(recorder.counts_alike_until(kStart + 8s) == kStart + 9s);
  CHECK(recorder.counts_alike_until(kStart + 9s) == kNever);
  CHECK(recorder.counts_alike_until(kStart + 20s) == kNever);
}

TEST_CASE("nothing that was due before the measuring is in a figure but wrong bytes are kept") {
  RecorderFixture fixture;
  Recorder& recorder = fixture.recorder;
  Message early = RecorderFixture::message(kStart - 1ms);
  for (int i = 0; i < 5; ++i) recorder.began(early);
  early.done = early.ready + 6ms;
  recorder.answered(early, kStart + 5ms);
  recorder.timed_out(early);
  recorder.lost(early);
  recorder.unanswered(early);
  recorder.corrupt(early, {});
  recorder.unsent(3, kStart - 1ms);
  recorder.lost_connection({}, kStart - 1ms);
  recorder.not_connected(Recorder::Made::by_plan, kStart - 1ms);
  recorder.failed(Failure::refused, kStart - 1ms);
  recorder.connected(Recorder::Made::by_plan, 1ms, kStart - 1ms);
  const Counters& counters = fixture.counters();
  CHECK(counters.messages.sent + counters.messages.echoed + counters.messages.timed_out == 0);
  CHECK(counters.messages.lost + counters.messages.in_flight + counters.messages.corrupt == 0);
  CHECK(counters.messages.unsent + counters.bytes.sent + counters.bytes.received == 0);
  CHECK(counters.connections.lost + counters.connections.failed + counters.connections.churned ==
        0);
  CHECK(std::ranges::count(counters.failures, 0) == kFailures);
  CHECK(fixture.recorder.measured().connect.count() == 0);
  CHECK(counters.messages.corrupt_in_warmup == 1);
  CHECK(recorder.measured().corruptions.size() == 1);
  recorder.publish_last(kStart + 1s);
  CHECK(fixture.take().errors == 0);
}

TEST_CASE("before a warm-up starts wrong bytes and lost connections are in no figure") {
  for (const bool warms_up : {false, true}) {
    WakeEvent news;
    IntervalQueue queue(news);
    Recorder recorder(true, warms_up, queue);
    recorder.connected(Recorder::Made::first, 1ms, kStart);
    recorder.unexpected({}, kStart);
    recorder.lost_connection(Failure::peer_reset, kStart);
    recorder.measure_from(kStart + 2s, 1s, kStart + 10s);
    recorder.publish_last(kStart + 3s);
    const Counters& counters = recorder.measured().counters;
    const std::uint64_t counted = warms_up ? 0 : 1;
    CHECK(counters.messages.corrupt == counted);
    CHECK(counters.messages.corrupt_in_warmup == 1 - counted);
    CHECK(counters.connections.lost == counted);
    CHECK(counters.failures[static_cast<std::size_t>(Failure::peer_reset)] == counted);
    CHECK(queue.take()->errors == 2 * counted);
    CHECK(recorder.measured().connect.count() == 1);
  }
}

TEST_CASE("an interval knows the longest lateness of the messages that left in it") {
  RecorderFixture fixture;
  for (const auto late : {1ms, 4ms, 2ms}) {
    fixture.recorder.began(RecorderFixture::message(kStart, kStart + 1ms, kStart + 1ms + late));
  }
  fixture.recorder.began(
      RecorderFixture::message(kStart - 1s, kStart - 1s, kStart + 1s));  // unmeasured
  fixture.recorder.publish_until(kStart + 1s);
  fixture.recorder.publish_last(kStart + 2s);
  CHECK(fixture.take().lateness == 4ms);
  CHECK(fixture.take().lateness == 0ms);
}

TEST_CASE("in a closed loop no message is late") {
  RecorderFixture fixture(false);
  fixture.recorder.began(RecorderFixture::message(kStart, kStart, kStart + 3ms));
  fixture.recorder.publish_last(kStart + 1s);
  CHECK(fixture.take().lateness == 0ms);
}

TEST_CASE("what echoc was late by is in the latency and not in the latency without it") {
  RecorderFixture fixture;
  // Due, and the loop lets it leave 3 ms later; the answer comes 2 ms after it left and is read 5
  // ms after it came.
  Message message = RecorderFixture::message(kStart, kStart, kStart + 3ms);
  fixture.recorder.began(message);
  message.done = message.ready + 2ms;
  fixture.recorder.answered(message, kStart + 10ms);
  const Measured& measured = fixture.recorder.measured();
  CHECK(measured.send_lateness.max() >= 3ms);
  CHECK(measured.service_time.max() >= 7ms);
  CHECK(measured.latency_without_echoc.percentile(50) >= 2ms);
  CHECK(measured.latency_without_echoc.percentile(50) < 3ms);
  CHECK(message.done == kStart + 2ms);
  CHECK(measured.counters.messages.waited == 0);
  CHECK(measured.longest_wait == 0ms);
}

TEST_CASE("a pause of echoc does not pass on to the messages that wait behind it") {
  RecorderFixture fixture;
  // Due every 10 ms on one connection; echoc stops for a second after the first has left, and then
  // works off what has piled up, 1 ms each.
  SteadyTime slot_free = kStart;
  for (int i = 0; i < 50; ++i) {
    const SteadyTime due = kStart + i * 10ms;
    const SteadyTime begun = i == 0 ? due : kStart + 1s + i * 1ms;
    Message message = RecorderFixture::message(due, std::max(due, slot_free), begun);
    fixture.recorder.began(message);
    const SteadyTime read = kStart + 1s + (i + 1) * 1ms;
    message.done = message.ready + 1ms;
    fixture.recorder.answered(message, read);
    slot_free = message.done;
  }
  const Measured& measured = fixture.recorder.measured();
  CHECK(measured.send_lateness.percentile(50) > 500ms);
  CHECK(measured.latency_without_echoc.max() < 2ms);
  CHECK(measured.counters.messages.waited == 0);
}

TEST_CASE("a stall of the server passes on and the messages behind it have waited") {
  RecorderFixture fixture;
  SteadyTime slot_free = kStart;
  for (int i = 0; i < 50; ++i) {
    const SteadyTime due = kStart + i * 10ms;
    const SteadyTime begun = std::max(due, slot_free);
    Message message = RecorderFixture::message(due, begun, begun);
    fixture.recorder.began(message);
    const SteadyTime read = begun + (i == 0 ? 1000ms : 1ms);
    message.done = message.ready + (read - begun);
    fixture.recorder.answered(message, read);
    slot_free = message.done;
  }
  const Measured& measured = fixture.recorder.measured();
  CHECK(measured.send_lateness.max() == 0ms);
  CHECK(measured.latency_without_echoc.max() >= 1s);
  CHECK(measured.latency_without_echoc.percentile(50) > 500ms);
  CHECK(measured.counters.messages.waited == 49);
  CHECK(measured.longest_wait == 990ms);
}

TEST_CASE("bytes are those of measured messages as far as they went") {
  RecorderFixture fixture;
  Message message = RecorderFixture::message(kStart);
  fixture.recorder.began(message);
  fixture.recorder.began(message);
  message.done = message.ready + 1ms;
  fixture.recorder.answered(message, kStart + 1ms);
  fixture.recorder.partly(message, 10, 20);
  fixture.recorder.lost(message);
  CHECK(fixture.counters().bytes.sent == 64 + 54);
  CHECK(fixture.counters().bytes.received == 64 + 20);
}

TEST_CASE("an interval holds what happened until its end and then the next begins") {
  RecorderFixture fixture;
  Message message = RecorderFixture::message(kStart + 900ms);
  fixture.recorder.began(message);
  fixture.recorder.publish_until(kStart + 999ms);
  CHECK_FALSE(fixture.queue.take());
  fixture.recorder.publish_until(kStart + 1s);
  message.done = message.ready + 101ms;
  fixture.recorder.answered(message, kStart + 1001ms);
  const GeneratorInterval first = fixture.take();
  CHECK(first.first == 0);
  CHECK(first.latency.count() == 0);
  fixture.recorder.publish_last(kStart + 1500ms);
  const GeneratorInterval last = fixture.take();
  CHECK(last.first == 1);
  CHECK(last.latency.count() == 1);
  CHECK(last.is_final);
  CHECK(last.end == 1500ms);
}

TEST_CASE("after a pause what is read counts for the interval in which it is read") {
  RecorderFixture fixture;
  Message message = RecorderFixture::message(kStart + 100ms);
  fixture.recorder.began(message);
  fixture.recorder.publish_until(kStart + 3500ms);
  message.done = message.ready + 3401ms;
  fixture.recorder.answered(message, kStart + 3501ms);
  fixture.recorder.publish_until(kStart + 4s);
  CHECK(fixture.take().last == 0);
  const GeneratorInterval second = fixture.take();
  CHECK(second.first == 3);
  CHECK(second.last == 3);
  CHECK(second.latency.count() == 1);
}

TEST_CASE("intervals that nobody takes become one and cost no memory") {
  RecorderFixture fixture(true, kNever);
  for (int second = 1; second <= 100; ++second) {
    Message message = RecorderFixture::message(kStart + second * 1s - 1ms);
    fixture.recorder.began(message);
    message.done = message.ready + 1ms;
    fixture.recorder.answered(message, kStart + second * 1s);
    fixture.recorder.publish_until(kStart + second * 1s);
  }
  fixture.recorder.publish_last(kStart + 100500ms);
  std::uint64_t taken = 0;
  std::uint64_t answers = 0;
  std::uint64_t next = 0;
  while (const auto interval = fixture.queue.take()) {
    ++taken;
    answers += interval->latency.count();
    CHECK(interval->first == next);
    next = interval->last + 1;
  }
  CHECK(taken <= 4);
  CHECK(answers == 100);
  CHECK(next == 101);
}

TEST_CASE("the last interval ends with the time that was asked for") {
  RecorderFixture fixture;
  fixture.recorder.publish_until(kStart + 4s);
  fixture.take();
  // All that was due has been answered long before the end.
  fixture.recorder.end_intervals();
  fixture.recorder.publish_last(kStart + 10s);
  CHECK(fixture.take().first == 4);
  const GeneratorInterval last = fixture.take();
  CHECK(last.first == 9);
  CHECK(last.end == 10s);
}

TEST_CASE("the last interval has the connections that stood when it ended") {
  for (const auto end : {500ms, 3500ms}) {  // in the first interval, and in one after some missed
    RecorderFixture fixture;
    for (int i = 0; i < 2; ++i) fixture.recorder.connected(Recorder::Made::again, 1ms, kStart);
    fixture.recorder.end_intervals();
    for (int i = 0; i < 2; ++i) fixture.recorder.closed();
    fixture.recorder.publish_last(kStart + end);
    GeneratorInterval interval = fixture.take();
    CHECK(interval.connections == 2);
    if (!interval.is_final) interval = fixture.take();
    CHECK(interval.is_final);
    CHECK(interval.connections == 2);
  }
}

TEST_CASE("a message that never left counts for the interval in which it was due") {
  RecorderFixture fixture;
  fixture.recorder.publish_until(kStart + 1s);
  fixture.recorder.publish_until(kStart + 2s);
  fixture.recorder.unsent(1, kStart + 500ms);
  fixture.recorder.unsent(2, kStart + 1500ms);
  fixture.recorder.unsent(4, kStart + 2500ms);
  CHECK(fixture.counters().messages.unsent == 7);
  CHECK(fixture.recorder.measured().late_unsent == std::vector<std::uint64_t>{1, 2});
  fixture.recorder.publish_last(kStart + 3s);
  fixture.take();
  fixture.take();
  const GeneratorInterval last = fixture.take();
  CHECK(last.unsent == 4);
  CHECK(last.errors == 4);
}

TEST_CASE("an interval counts each kind of error once") {
  RecorderFixture fixture;
  Message message = RecorderFixture::message(kStart);
  for (int i = 0; i < 3; ++i) fixture.recorder.began(message);
  fixture.recorder.lost(message);
  fixture.recorder.timed_out(message);
  fixture.recorder.corrupt(message, {});
  fixture.recorder.unexpected({}, kStart);
  fixture.recorder.lost_connection({}, kStart);
  fixture.recorder.not_connected(Recorder::Made::first, kStart);
  fixture.recorder.failed(Failure::peer_closed, kStart);  // the cause of one of these
  fixture.recorder.publish_last(kStart + 1s);
  const GeneratorInterval interval = fixture.take();
  CHECK(interval.errors == 6);
  CHECK(interval.failed_connections == 2);
}

}  // namespace
}  // namespace echo::load
