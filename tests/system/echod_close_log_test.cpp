#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/socket.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/logging_echod.h"

namespace echo::testing {
namespace {

TEST_CASE("a refused client has the line of a close with its address") {
  const TemporaryFolder folder;
  const std::string log = folder.file("log");
  LoggingEchod echod({"--log-file", log, "--deny", "127.0.0.0/8"});
  CHECK(Socket::connect(echod.address()).receive_until_end().empty());
  const std::string line = wait_for_line(log, " closed: ");
  CHECK(line.find(" info  [listener] client 1 closed: denied, in=0 out=0, lasted 0.000 s, from "
                  "127.0.0.1:") != line.npos);
  CHECK(echod.stop() == 0);
}

TEST_CASE("a refused client has the same facts in JSON") {
  const TemporaryFolder folder;
  const std::string log = folder.file("log");
  LoggingEchod echod({"--log-file", log, "--log-format", "json", "--deny", "127.0.0.0/8"});
  CHECK(Socket::connect(echod.address()).receive_until_end().empty());
  auto object = nlohmann::json::parse(wait_for_line(log, R"("event":"closed")"));
  CHECK(object.at("address").get<std::string>().starts_with("127.0.0.1:"));
  for (const char* key : {"time", "level", "thread", "event", "address"}) object.erase(key);
  CHECK(
      object ==
      nlohmann::json{{"client", 1}, {"cause", "denied"}, {"in", 0}, {"out", 0}, {"lasted_s", 0.0}});
  CHECK(echod.stop() == 0);
}

TEST_CASE("a client of a unix socket has its path as the address without control characters") {
  const TemporaryFolder folder;
  const std::string log = folder.file("log");
  const std::string path = folder.file("a\x1b[2J\nb");
  LoggingEchod echod({"--log-file", log, "--idle-timeout", "1ms", "--listen", "unix:" + path});
  CHECK(Socket::connect("unix:" + path).receive_until_end().empty());
  wait_for_line(log, "listening on unix:" + folder.file("a\\x1b[2J\\x0ab"));
  const std::string line = wait_for_line(log, " closed: ");
  CHECK(line.ends_with(" s, from unix:" + folder.file("a\\x1b[2J\\x0ab")));
  CHECK(echod.stop() == 0);
}

TEST_CASE("clients that are closed or refused cannot fill the log") {
  const TemporaryFolder folder;
  const std::string log = folder.file("log");
  LoggingEchod echod(
      {"--log-file", log, "--heartbeat", "0", "--idle-timeout", "1ms", "--max-connections", "1"});
  const auto start = std::chrono::steady_clock::now();
  // Each is closed as idle or refused as one too many.
  for (int i = 0; i < 1000; ++i) Socket::connect(echod.address()).receive_until_end();
  CHECK(echod.stop() == 0);
  const auto seconds =
      std::chrono::ceil<std::chrono::seconds>(std::chrono::steady_clock::now() - start).count();
  std::map<std::string, std::int64_t> closes;
  for (const std::string& line : lines_of(read_file(log))) {
    const std::size_t at = line.find(" closed: ");
    if (at != line.npos) ++closes[line.substr(at + 9, line.find(',') - at - 9)];
  }
  CHECK(closes["idle"] >= 1);
  for (const auto& of_cause : closes) {
    CAPTURE(of_cause.first);
    CHECK(of_cause.second <= seconds + 1);
  }
}

}  // namespace
}  // namespace echo::testing
