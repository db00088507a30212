#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "common/thread.h"
#include "tests/server/core/server_fixture.h"
#include "tests/server/core/slow_client.h"
#include "tests/support/temporary_folder.h"

// The limits of a session as clients of a server meet them; when exactly they are reached is the
// subject of session_rules_test.cpp.
namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::distinct_bytes;
using testing::fill;
using testing::HeldUp;
using testing::kHeldUp;
using testing::kTimeout;
using testing::local_options;
using testing::receive_slowly;
using testing::RunningServer;
using testing::Socket;
using testing::TemporaryFolder;
using testing::until_not_held_up;
using Clock = std::chrono::steady_clock;

// A client whose kernel takes few bytes for it.
Socket connect_with_small_buffer(RunningServer& server) {
  Socket client = server.connect();
  const int size = 4096;
  ::setsockopt(client.descriptor(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  return client;
}

Options options_with_timeouts(std::chrono::nanoseconds timeout) {
  Options options = local_options();
  options.idle_timeout = timeout;
  options.write_timeout = timeout;
  return options;
}

TEST_CASE("a silent client is closed as idle and not before its time") {
  Options options = local_options();
  options.idle_timeout = 200ms;
  RunningServer server(options);
  const auto connected = Clock::now();
  Socket client = server.connect();
  CHECK(client.receive_some().empty());
  CHECK(Clock::now() - connected >= 200ms);
  CHECK(server.closed_becomes(CloseCause::idle, 1));
}

TEST_CASE("a client that takes what the kernel holds for it keeps its connection") {
  until_not_held_up([](Clock::time_point& last) {
    RunningServer server(options_with_timeouts(kTimeout));
    Socket client = connect_with_small_buffer(server);
    const std::string text = distinct_bytes(120'000);
    if (!client.try_send(text)) throw HeldUp();
    // A worker that stands still, while the timer does not, has not sent all before it is too late.
    const auto all_sent = [&] { return server->counters().bytes_out == text.size(); };
    if (!testing::eventually_within(kHeldUp, all_sent)) throw HeldUp();
    const std::string back = receive_slowly(client, last, 200);
    client.finish_sending();
    CHECK(back + client.receive_until_end() == text);
    CHECK(server.closed_becomes(CloseCause::peer_closed, 1));
  });
}

TEST_CASE("a client that takes nothing is reset when the idle timeout is over") {
  Options options = local_options();
  options.idle_timeout = 1s;
  options.write_timeout = 0s;
  RunningServer server(options);
  Socket client = server.connect();
  fill(client);
  CHECK(server.closed_becomes(CloseCause::idle, 1));
  CHECK(client.is_reset());
}

TEST_CASE("what was received and cannot be sent ends in a reset and never in FIN") {
  Options options = local_options();
  options.write_timeout = 3s;
  RunningServer server(options);
  Socket client = connect_with_small_buffer(server);
  // Until the worker holds bytes that it can't send, with nothing unread behind them: closing with
  // unread bytes would make the kernel reset by itself.
  std::uint64_t sent = 0;
  const auto all_echoed = [&] { return server->counters().bytes_out == sent; };
  do {
    client.send(distinct_bytes(60'000));
    sent += 60'000;
    CHECK(testing::eventually([&] { return server->counters().bytes_in == sent; }));
    CHECK(testing::eventually([&] { return all_echoed() || testing::waits_for_room(client); }));
  } while (all_echoed());
  CHECK(server.closed_becomes(CloseCause::stalled, 1));
  CHECK(client.is_reset());
}

TEST_CASE("a client that takes nothing is reset as stalled and not before its time") {
  Options options = local_options();
  options.write_timeout = 1s;
  RunningServer server(options);
  Socket client = server.connect();
  const auto before_all = Clock::now();
  fill(client);
  CHECK(server.closed_becomes(CloseCause::stalled, 1));
  CHECK(Clock::now() - before_all >= 1s);
  CHECK(client.is_reset());
}

TEST_CASE("a client that takes nothing is stalled though only the kernel holds its bytes") {
  Options options = local_options();
  options.write_timeout = 3s;  // until then its worker has echoed all, on a busy machine too
  RunningServer server(options);
  Socket client = connect_with_small_buffer(server);
  client.send(distinct_bytes(100'000));
  CHECK(testing::eventually([&] { return server->counters().bytes_out == 100'000; }));
  CHECK(server.closed_becomes(CloseCause::stalled, 1));
}

TEST_CASE("a client that takes its bytes slowly keeps its connection beyond the timeouts") {
  until_not_held_up([](Clock::time_point& last) {
    RunningServer server(options_with_timeouts(kTimeout));
    Socket client = server.connect();
    fill(client);
    receive_slowly(client, last, 2048);
    CHECK(server->counters().live == 1);
  });
}

// Of what it takes the worker learns nothing: the socket has room only when half of it is free.
TEST_CASE("a client is not stalled while it takes too little for its worker to send more") {
  Options options = local_options();
  options.write_timeout = kTimeout;
  until_not_held_up([&](Clock::time_point& last) {
    RunningServer server(options);
    Socket client = connect_with_small_buffer(server);
    // Its window is still that of a large buffer until it has taken what fits there.
    fill(client);
    client.receive(200'000);
    last = Clock::now();
    fill(client);
    const std::uint64_t sent = server->counters().bytes_out;
    CHECK(server->counters().bytes_in > sent);
    // 20 KB in all. At least 90 KB are unsent then, and there is no room while 64 KB are.
    receive_slowly(client, last, 40);
    CHECK(server->counters().live == 1);
    CHECK(server->counters().bytes_out == sent);
    CHECK(server.closed_becomes(CloseCause::stalled, 1));
  });
}

TEST_CASE("a client of a unix socket that takes few bytes at a time keeps its connection") {
  const TemporaryFolder folder;
  Options options = options_with_timeouts(kTimeout);
  options.listen = {Address::parse("unix:" + folder.file("socket"))};
  until_not_held_up([&](Clock::time_point& last) {
    RunningServer server(options);
    Socket client = server.connect();
    fill(client);
    // What lies there from before the socket was full is in large pieces.
    client.receive(300'000);
    last = Clock::now();
    Thread more("more", [&] { client.try_send(distinct_bytes(400'000)); });
    // In time for the pieces of 64 KiB that there are if the other thread begins late.
    receive_slowly(client, last, 1000, 20ms);
    CHECK(server->counters().live == 1);
    client.cut();
  });
}

// How often the kernel has put the thread of this name to sleep.
long sleeps_of(const std::string& thread) {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    if (!std::getline(std::ifstream(task.path() / "comm"), name) || name != thread) continue;
    std::ifstream status(task.path() / "status");
    for (std::string word; status >> word;) {
      long count = 0;
      if (word == "voluntary_ctxt_switches:" && status >> count) return count;
    }
  }
  return -1;
}

TEST_CASE("without a write timeout a worker sleeps until its peer takes bytes") {
  Options options = local_options();
  options.write_timeout = 0s;
  RunningServer server(options);
  Socket client = server.connect();
  fill(client);
  const long before = sleeps_of("worker-1");
  CHECK(before > 0);
  std::this_thread::sleep_for(500ms);  // time is the subject
  CHECK(sleeps_of("worker-1") - before <= 5);
}

TEST_CASE("a client that stalls while the others drain counts as forced") {
  Options options = local_options();
  options.write_timeout = 500ms;
  options.drain_timeout = 24h;
  RunningServer server(options);
  Socket stuck = server.connect();
  fill(stuck);
  CHECK(server.stop().forced == 1);
  CHECK(server->counters().closed_as(CloseCause::stalled) == 1);
  CHECK(stuck.is_reset());
}

TEST_CASE("a client is closed at the end of its lifetime however busy it is") {
  Options options = local_options();
  options.max_lifetime = 300ms;
  RunningServer server(options);
  Socket silent = server.connect();
  Socket busy = server.connect();
  Thread sender("sender", [&] {
    while (busy.try_send(distinct_bytes(65536))) {
    }
  });
  CHECK(silent.receive_until_end().empty());
  try {
    while (!busy.receive_some().empty()) {
    }
  } catch (const std::runtime_error&) {  // a reset in the middle of its stream
  }
  CHECK(server.closed_becomes(CloseCause::lifetime, 2));
}

}  // namespace
}  // namespace echo
