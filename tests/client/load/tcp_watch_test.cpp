#include "client/load/tcp_watch.h"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <vector>

#include "common/descriptor.h"
#include "tests/support/made_time.h"

namespace echo::load {
namespace {

using namespace std::chrono_literals;
using testing::kStart;

// Lets a sweep be done at once; how many looks that took.
std::size_t sweep_all(TcpSweep& sweep, SteadyTime now,
                      TcpWatch::Look wanted = TcpWatch::Look::interval) {
  std::size_t looks = 0;
  while (sweep.due() <= now) {
    const std::size_t before = looks;
    sweep.turn(now, [&](std::size_t number, TcpWatch::Look how) {
      CHECK(number == looks++);
      CHECK(how == wanted);
    });
    CHECK(looks - before <= TcpSweep::kAtOnce);
  }
  return looks;
}

TEST_CASE("the kernel is asked about all connections shortly before each interval ends") {
  TcpSweep sweep;
  CHECK(sweep.due() == kNever);
  sweep.begin(kStart, 1s, 50);
  CHECK(sweep.due() == kStart - 100us);
  CHECK(sweep_all(sweep, kStart - 90us, TcpWatch::Look::baseline) == 50);
  CHECK(sweep.due() == kStart + 1s - 100us);
  CHECK(sweep_all(sweep, kStart + 1s - 50us) == 50);
  CHECK(sweep.due() == kStart + 2s - 100us);
  // Held up for long it leaves out what has passed.
  CHECK(sweep_all(sweep, kStart + 5s + 500ms) == 50);
  CHECK(sweep.due() == kStart + 6s - 100us);
  sweep.stop();
  CHECK(sweep.due() == kNever);
}

TEST_CASE("intervals that are too short for many connections do not take all the time") {
  TcpSweep sweep;
  sweep.begin(kStart, 10ms, 10'000);
  CHECK(sweep_all(sweep, kStart, TcpWatch::Look::baseline) == 10'000);
  CHECK(sweep.due() >= kStart + 380ms);
}

TEST_CASE("a loop without connections asks nothing") {
  TcpSweep sweep;
  sweep.begin(kStart, 1s, 0);
  CHECK(sweep.due() == kNever);
}

TEST_CASE("a connection counts once from the beginning of the measuring to its last look") {
  WakeEvent news;
  IntervalQueue queue(news);
  Recorder recorder(true, false, queue);
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  TcpWatch watch;
  watch.look(socket.get(), recorder, kStart, TcpWatch::Look::interval);
  recorder.measure_from(kStart, 1s, kStart + 10s);
  const TcpSummary& told = recorder.measured().tcp;
  watch.look(socket.get(), recorder, kStart - 1ms, TcpWatch::Look::interval);
  watch.look(socket.get(), recorder, kStart + 1ms, TcpWatch::Look::baseline);
  CHECK(told == TcpSummary());
  watch.look(socket.get(), recorder, kStart + 1s, TcpWatch::Look::interval);
  watch.look(socket.get(), recorder, kStart + 2s, TcpWatch::Look::last);
  watch.look(socket.get(), recorder, kStart + 3s, TcpWatch::Look::last);
  CHECK(told.connections == 1);
  CHECK(told.affected == 0);
  CHECK(told.rtt.count == 2);
}

TEST_CASE("retransmissions are told in the interval in which they are seen") {
  WakeEvent news;
  IntervalQueue queue(news);
  Recorder recorder(true, false, queue);
  recorder.measure_from(kStart, 1s, kStart + 10s);
  TcpSummary tcp;
  tcp.connections = tcp.affected = 1;
  tcp.retransmissions = 3;
  recorder.kernel_told(tcp);
  recorder.publish_until(kStart + 1s);
  const auto first = queue.take();
  REQUIRE(first);
  CHECK(first->retransmissions == 3);
  recorder.publish_until(kStart + 2s);
  const auto second = queue.take();
  REQUIRE(second);
  CHECK(second->retransmissions == 0);
  CHECK(recorder.measured().tcp.retransmissions == 3);
}

}  // namespace
}  // namespace echo::load
