#include "server/core/heartbeat.h"

#include <doctest/doctest.h>

#include <chrono>
#include <list>
#include <string>

#include "common/logging.h"
#include "tests/server/core/tcp_pair.h"
#include "tests/support/eventually.h"
#include "tests/support/temporary_folder.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::read_file;
using testing::wait_for_line;

struct HeartbeatFixture {
  testing::TemporaryFolder folder;
  std::string log = folder.file("log");
  Logging logging{{.file = log}};
  Stats stats;
  TimerThread timers;
  SessionRegistry sessions{stats};

  std::size_t waiting_lines() const {
    const std::string text = read_file(log);
    std::size_t lines = 0;
    for (auto at = text.find("Waiting"); at != text.npos; at = text.find("Waiting", at + 1)) {
      ++lines;
    }
    return lines;
  }
};

// A session that nobody drives.
struct SilentSession {
  SilentSession(HeartbeatFixture& house, std::uint64_t number)
      : session({.number = number, .socket = testing::tcp_pair().first, .peer = "test"}, {}, buffer,
                house.timers, house.stats),
        entry(house.sessions, session) {}

  Buffer buffer;
  Session session;
  SessionRegistry::Entry entry;
};

TEST_CASE("while nobody is connected a heartbeat waits for the next client") {
  HeartbeatFixture house;
  house.stats.count_accepted();
  house.stats.count_accepted();
  Heartbeat heartbeat(house.timers, 1ms, house.sessions);
  heartbeat.start();
  wait_for_line(house.log, "Waiting for client 3...");
}

TEST_CASE("a heartbeat names the first ten silent clients and counts the others") {
  HeartbeatFixture house;
  std::list<SilentSession> silent;
  for (std::uint64_t number = 1; number <= 13; ++number) silent.emplace_back(house, number);
  Heartbeat heartbeat(house.timers, 1ms, house.sessions);
  heartbeat.start();
  wait_for_line(house.log, "... and 3 more");
  wait_for_line(house.log, "Waiting for client 10...");
  heartbeat.stop();
  CHECK(read_file(house.log).find("Waiting for client 11...") == std::string::npos);
}

TEST_CASE("a heartbeat of 0 is off until it gets another interval") {
  HeartbeatFixture house;
  Heartbeat heartbeat(house.timers, 0s, house.sessions);
  heartbeat.set_beat(1ms);  // not started: nothing yet
  heartbeat.set_beat(0s);
  heartbeat.start();
  CHECK(house.waiting_lines() == 0);
  heartbeat.set_beat(1ms);
  CHECK(testing::eventually([&] { return house.waiting_lines() > 1; }));
  heartbeat.set_beat(1h);
  log_event(Level::info, "test", "from here on", {});
  wait_for_line(house.log, "from here on");
  const std::string text = read_file(house.log);
  CHECK(text.find("Waiting", text.find("from here on")) == std::string::npos);
}

}  // namespace
}  // namespace echo
