#include "client/load/message_stream.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <array>
#include <string>

namespace echo::load {
namespace {

using namespace std::chrono_literals;

// The time of an answer is read from the clock, and so all others must be the clock's too: a time
// of its own would lie in the future of a machine that has just been started.
const SteadyTime kBegin = std::chrono::steady_clock::now();

// A stream on one end of a pair of sockets; the test is the server. The loop's times are moved
// by hand.
struct StreamFixture final : Watched {
  StreamFixture() {
    std::array<int, 2> ends{};
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data());
    server.reset(ends[1]);
    parts.recorder.measure_from(kBegin, 1s, kNever);
    stream.open(Descriptor(ends[0]), false, 1, kBegin);
  }

  static LoadPlan make_plan() {
    LoadPlan plan;
    plan.rate = 1;
    plan.timeout = 1s;
    plan.pipeline = 2;
    return plan;
  }

  void on_ready(std::uint32_t /*events*/) override {}

  void send_message(std::uint64_t number, SteadyTime due, SteadyTime begun) {
    stream.begin(number, 64, due, begun);
    send_late(begun, begun);
  }
  // The loop read its clock at `asked`, and what it sends then has left by `left`.
  void send_late(SteadyTime asked, SteadyTime left) {
    REQUIRE(stream.send(asked));
    stream.sent(asked, left);
  }
  std::string take() {
    std::string bytes(1024, '\0');
    const ssize_t count = ::recv(server.get(), bytes.data(), bytes.size(), 0);
    bytes.resize(static_cast<std::size_t>(count < 0 ? 0 : count));
    return bytes;
  }
  // The loop slept from `since` until the bytes came.
  MessageStream::Received answer(const std::string& bytes, SteadyTime since, SteadyTime came) {
    ::send(server.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    parts.punctuality.waits(since, kNever);
    parts.punctuality.woke(came, true);
    return stream.receive();
  }
  const Counters& counters() { return parts.recorder.measured().counters; }

  const LoadPlan plan = make_plan();
  const Job job{plan, 1, Payload(1), endpoints_to_connect(Address::parse(":7")), {}, 0};
  WakeEvent news;
  IntervalQueue queue{news};
  Parts parts{job, queue};
  MessageStream stream{parts, *this};
  Descriptor server;
};

TEST_CASE("an answer that comes after the timeout has timed out however late that is noticed") {
  StreamFixture fixture;
  fixture.send_message(0, kBegin, kBegin);
  fixture.send_message(1, kBegin, kBegin + 1ms);
  CHECK(fixture.stream.deadline() == kBegin + 1s);
  CHECK(fixture.answer(fixture.take(), kBegin + 2ms, kBegin + 1s + 1us) ==
        MessageStream::Received::answers);
  CHECK(fixture.counters().messages.timed_out == 1);
  CHECK(fixture.counters().messages.echoed == 1);
  CHECK(fixture.counters().failures[static_cast<std::size_t>(Failure::timeout)] == 1);
  CHECK(fixture.counters().bytes.received == 128);
  CHECK(fixture.stream.is_empty());
}

TEST_CASE("a message that echoc held up before it left has its time from then on") {
  StreamFixture fixture;
  fixture.stream.begin(0, 64, kBegin, kBegin);
  fixture.stream.begin(1, 64, kBegin, kBegin);
  fixture.send_late(kBegin, kBegin + 3s);
  CHECK(fixture.stream.deadline() == kBegin + 4s);
  CHECK(fixture.parts.recorder.measured().send_lateness.max() >= 2900ms);
  CHECK(fixture.answer(fixture.take(), kBegin + 3s, kBegin + 3s + 10ms) ==
        MessageStream::Received::answers);
  CHECK(fixture.counters().messages.timed_out == 0);
  CHECK(fixture.counters().messages.echoed == 2);
  CHECK(fixture.parts.recorder.measured().latency_without_echoc.max() <= 11ms);
}

TEST_CASE("the work of sending is no reason for more time") {
  StreamFixture fixture;
  fixture.stream.begin(0, 64, kBegin, kBegin);
  fixture.send_late(kBegin, kBegin + 100us);
  CHECK(fixture.stream.deadline() == kBegin + 1s);
}

TEST_CASE("what echoc did not send of a message although it could is not charged to the server") {
  StreamFixture fixture;
  // More than the socket takes at once.
  const std::uint64_t size = 8'000'000;
  fixture.stream.begin(0, size, kBegin, kBegin);
  fixture.send_late(kBegin, kBegin);
  REQUIRE(fixture.stream.is_writing());
  // Without room in the socket it is the server's time.
  REQUIRE(fixture.stream.send(kBegin + 100ms));
  fixture.stream.sent(kBegin + 100ms, kBegin + 100ms);
  CHECK(fixture.stream.deadline() == kBegin + 1s);
  // There is room from 200 ms on, but echoc is stopped until 3 s.
  while (!fixture.take().empty()) {
  }
  fixture.parts.punctuality.waits(kBegin + 101ms, kNever);
  fixture.parts.punctuality.woke(kBegin + 200ms, true);
  fixture.send_late(kBegin + 200ms, kBegin + 3s);
  CHECK(fixture.stream.deadline() == kBegin + 1s + 2800ms);
}

TEST_CASE("a message that waits for its slot has waited and the one before it is the reason") {
  StreamFixture fixture;
  fixture.send_message(0, kBegin, kBegin);
  fixture.send_message(1, kBegin, kBegin);
  CHECK_FALSE(fixture.stream.has_room());
  fixture.answer(fixture.take(), kBegin + 1ms, kBegin + 500ms);
  CHECK(fixture.stream.has_room());
  fixture.send_message(2, kBegin + 100ms, kBegin + 510ms);
  CHECK(fixture.counters().messages.waited == 1);
  // It could have left at 500 ms: the other 10 ms are echoc's.
  const Histogram& lateness = fixture.parts.recorder.measured().send_lateness;
  CHECK(lateness.max() >= 9900us);
  CHECK(lateness.max() <= 10'100us);
}

TEST_CASE("a message that waits for one that has timed out has waited for the server") {
  StreamFixture fixture;
  fixture.send_message(0, kBegin, kBegin);
  fixture.send_message(1, kBegin, kBegin + 10ms);
  fixture.answer(fixture.take(), kBegin + 11ms, kBegin + 1s + 1ms);
  REQUIRE(fixture.counters().messages.timed_out == 1);
  fixture.send_message(2, kBegin + 100ms, kBegin + 1s + 2ms);
  CHECK(fixture.counters().messages.waited == 1);
  CHECK(fixture.parts.recorder.measured().send_lateness.max() <= 10'100us);
}

TEST_CASE("an end says whether the server closed or reset") {
  StreamFixture fixture;
  fixture.send_message(0, kBegin, kBegin);
  fixture.server.reset();
  CHECK(fixture.stream.receive() == MessageStream::Received::end);
  CHECK(fixture.stream.failure() == Failure::peer_reset);  // with bytes unread
  fixture.stream.close(false);
  CHECK(fixture.counters().messages.lost == 1);
  CHECK(fixture.counters().bytes.sent == 64);

  StreamFixture other;
  ::shutdown(other.server.get(), SHUT_WR);
  CHECK(other.stream.receive() == MessageStream::Received::end);
  CHECK(other.stream.failure() == Failure::peer_closed);
}

TEST_CASE("the message of a wrong byte is taken out and the others are lost") {
  StreamFixture fixture;
  fixture.send_message(7, kBegin, kBegin);
  fixture.send_message(8, kBegin, kBegin);
  std::string bytes = fixture.take();
  bytes[3] ^= 1;
  CHECK(fixture.answer(bytes, kBegin + 1ms, kBegin + 2ms) == MessageStream::Received::wrong_byte);
  CHECK(fixture.stream.wrong_byte().offset == 3);
  const Message message = fixture.stream.take_front();
  CHECK(message.number == 7);
  fixture.parts.recorder.corrupt(message, {});
  fixture.stream.close(false);
  CHECK(fixture.counters().messages.corrupt == 1);
  CHECK(fixture.counters().messages.lost == 1);
  CHECK(fixture.counters().bytes.received == 3);
  CHECK(fixture.parts.recorder.in_flight() == 0);
}

}  // namespace
}  // namespace echo::load
