#include "server/core/connection_log.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "common/logging.h"
#include "tests/support/temporary_folder.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::read_file;
using testing::TemporaryFolder;

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

// What is logged while `work` runs.
template <typename Work>
std::string logged(const LogSettings& settings, Work work) {
  const TemporaryFolder folder;
  LogSettings to_file = settings;
  to_file.file = folder.file("log");
  {
    const Logging logging(to_file);
    work();
  }
  return read_file(to_file.file);
}

constexpr ClosedConnection kIdle{.number = 3,
                                 .address = "127.0.0.1:4711",
                                 .cause = CloseCause::idle,
                                 .received = 6,
                                 .sent = 5,
                                 .lasted = 1234ms};

TEST_CASE("a close is one line that ends with the address") {
  ConnectionLog log;
  const std::string text = logged({}, [&] { log.closed(kIdle); });
  CHECK(text.find("client 3 closed: idle, in=6 out=5, lasted 1.234 s, from 127.0.0.1:4711\n") !=
        text.npos);
  const std::string json =
      logged({.format = LogFormat::json}, [] { ConnectionLog().closed(kIdle); });
  CHECK(json.find(R"("event":"closed","client":3,"address":"127.0.0.1:4711","cause":"idle",)"
                  R"("in":6,"out":5,"lasted_s":1.234})") != json.npos);
}

TEST_CASE("what ended a connection here comes after the address") {
  ConnectionLog log;
  const std::string text = logged({}, [&] { log.closed(kIdle, "cannot start a thread"); });
  CHECK(text.find(", from 127.0.0.1:4711: cannot start a thread\n") != text.npos);
  CHECK(text.find(" warn") != text.npos);
}

TEST_CASE("each cause has one line a second and what clients do themselves is not limited") {
  ConnectionLog log;
  const std::string text = logged({.level = Level::debug}, [&] {
    for (int i = 0; i < 100; ++i) {
      for (const CloseCause cause :
           {CloseCause::idle, CloseCause::stalled, CloseCause::full, CloseCause::peer_closed}) {
        ClosedConnection closed = kIdle;
        closed.cause = cause;
        log.closed(closed);
      }
    }
  });
  // Another second may begin meanwhile.
  CHECK(lines(text) >= 103);
  CHECK(lines(text) < 200);
}

TEST_CASE("a line after others that were held back says how many") {
  using Clock = std::chrono::steady_clock;
  std::string text;
  // Once more if a busy machine let a second pass between the first lines.
  for (bool in_one_second = false; !in_one_second;) {
    ConnectionLog log;
    text = logged({}, [&] {
      const auto begin = Clock::now();
      log.closed(kIdle);
      log.closed(kIdle);
      log.closed(kIdle);
      in_one_second = Clock::now() - begin < 1s;
      std::this_thread::sleep_for(1100ms);  // time is the subject
      log.closed(kIdle);
    });
  }
  CHECK(lines(text) == 2);
  CHECK(text.ends_with(", from 127.0.0.1:4711 (2 more suppressed)\n"));
}

TEST_CASE("sessions that end by exceptions have one line a second") {
  ConnectionLog log;
  const std::string text = logged({}, [&] {
    for (int i = 0; i < 100; ++i) log.failed("std::bad_alloc");
  });
  CHECK(lines(text) >= 1);
  CHECK(lines(text) < 50);  // another second may begin meanwhile
  CHECK(text.find("a session ended by an exception: std::bad_alloc\n") != text.npos);
}

TEST_CASE("a client that leaves by itself costs no line unless somebody debugs") {
  ConnectionLog log;
  const std::string text = logged({.level = Level::info}, [&] {
    ClosedConnection closed = kIdle;
    closed.cause = CloseCause::peer_closed;
    log.closed(closed);
    ConnectionLog::connected(1, "127.0.0.1:1");
  });
  CHECK(text.empty());
}

}  // namespace
}  // namespace echo
