// Verdicts of echoc idle on servers that do something to a silent connection. A test whose far end
// does it at once needs no time; one whose box has a limit tries a gap far below it and one above.
#include "tests/system/echoc_idle.h"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "client/idle/search.h"
#include "tests/support/forgetful_box.h"
#include "tests/support/scripted_server.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

using namespace std::chrono_literals;
using Manner = ForgetfulBox::Manner;

constexpr std::size_t kMessage = 64;

// What becomes of a gap of an hour, or of a short one, if the server does this after the first
// message.
IdleRun after_greeting(const std::string& gap, const std::function<void(Socket&)>& script,
                       std::vector<std::string> options = {}) {
  ScriptedServer server([&](Socket& client, int) {
    echo_bytes(client, kMessage);
    script(client);
  });
  options.insert(options.end(), {"--gaps", gap, server.address()});
  return run_idle(options);
}

TEST_CASE("gaps that survive are alive and took their time") {
  ScriptedServer server(echo_script);
  const IdleRun idle = run_idle({"--gaps", "300ms,100ms", "--require", "200ms", server.address()});
  CHECK(idle.status == 0);
  CHECK(idle.errors == "");
  CHECK(server.accepted() == 3);
  const auto& gaps = idle.target().at("gaps");
  REQUIRE(gaps.size() == 3);
  double wanted = 0;
  for (std::size_t gap = 0; gap < 3; ++gap) {
    wanted += 0.1;
    CHECK(idle.verdict(gap) == "alive");
    CHECK(gaps[gap].at("gap_s").get<double>() == doctest::Approx(wanted));
    CHECK(gaps[gap].at("after_s").get<double>() >= doctest::Approx(wanted));
    CHECK(gaps[gap].at("segments_while_silent") == 0);
  }
  CHECK(idle.target().at("longest_alive_s") == 0.3);
  CHECK(idle.target().at("shortest_dead_s").is_null());
}

TEST_CASE("a server that closes a silent connection has closed it") {
  const IdleRun idle = after_greeting("1h", [](Socket& client) {
    client.finish_sending();
    client.receive_until_end();
  });
  CHECK(idle.status == 0);
  CHECK(idle.verdict(0) == "closed");
  CHECK(idle.target().at("shortest_dead_s").get<double>() < 3600);
}

TEST_CASE("a server that resets a silent connection has reset it") {
  const IdleRun idle = after_greeting("1h", [](Socket& client) { client.reset(); });
  CHECK(idle.status == 0);
  CHECK(idle.verdict(0) == "reset");
}

TEST_CASE("a reset as the answer to the next message is one on speaking") {
  const IdleRun idle = after_greeting("50ms", [](Socket& client) {
    client.receive(1);
    client.reset();
  });
  CHECK(idle.status == 0);
  CHECK(idle.verdict(0) == "reset_on_speaking");
  CHECK(idle.target().at("shortest_dead_s").get<double>() >= 0.05);
}

TEST_CASE("a message that is taken and not echoed has no answer within the timeout") {
  const IdleRun idle = after_greeting("50ms", [](Socket& client) { client.receive_until_end(); },
                                      {"--timeout", "2s"});
  CHECK(idle.status == 0);
  CHECK(idle.verdict(0) == "no_answer");
  const auto& gap = idle.target().at("gaps").at(0);
  CHECK(gap.at("acknowledged") == true);
  CHECK(gap.at("after_s").get<double>() >= 2.05);
}

TEST_CASE("a byte that was never sent is a wrong byte though it comes in the silence") {
  const IdleRun idle = after_greeting("1h", [](Socket& client) {
    client.send("x");
    client.receive_until_end();
  });
  CHECK(idle.status == 4);
  CHECK(idle.verdict(0) == "wrong_bytes");
  has_text(idle.errors, "wrong bytes at 1h: a byte came that was never sent: 0x78");
}

TEST_CASE("a wrong byte in the answer after the silence gives status 4") {
  const IdleRun idle = after_greeting("50ms", [](Socket& client) {
    std::string bytes = client.receive(kMessage);
    bytes[17] = static_cast<char>(bytes[17] ^ 1);
    client.send(bytes);
    client.receive_until_end();
  });
  CHECK(idle.status == 4);
  has_text(idle.errors, "byte 17 of 64 is 0x");
}

TEST_CASE("half an answer after the silence is no verdict on the silence") {
  for (const bool closes : {true, false}) {
    ScriptedServer server([closes](Socket& client, int) {
      echo_bytes(client, kMessage);
      client.send(client.receive(kMessage).substr(0, 32));
      if (!closes) client.receive_until_end();
    });
    const Finished idle =
        run_program({ECHOC_PATH, "idle", "--gaps", "50ms", "--timeout", "2s", server.address()});
    CHECK(idle.status == 1);
    CHECK(idle.errors == "echoc: " + server.address() +
                             ": only 32 of 64 bytes of the answer came after the silence\n");
  }
}

TEST_CASE("a connection that cannot be made is an error and not a verdict") {
  const std::string address = address_without_server();
  const Finished idle = run_program({ECHOC_PATH, "idle", "--gaps", "1h,2h", address});
  CHECK(idle.status == 1);
  CHECK(idle.errors ==
        "echoc: " + address + ": cannot connect: tried " + address + " (Connection refused)\n");
}

TEST_CASE("a server that ends the connection before the silence has no verdict") {
  ScriptedServer server([](Socket& client, int) { client.receive(kMessage); });
  const Finished idle = run_program({ECHOC_PATH, "idle", "--gaps", "1h", server.address()});
  CHECK(idle.status == 1);
  CHECK(idle.errors ==
        "echoc: " + server.address() + ": the connection was closed before the silence\n");
}

// The verdict of each of two boxes in front of an echod that never closes a silent connection.
void check_boxes(const std::array<std::pair<Manner, std::string>, 2>& manners,
                 const std::string& gaps) {
  Echod echod({"--listen", "127.0.0.1:0", "--keepalive", "0", "--idle-timeout", "0"});
  const ForgetfulBox first(echod.address(), 4s, manners[0].first);
  const ForgetfulBox second(echod.address(), 4s, manners[1].first);
  const IdleRun idle = run_idle({"--gaps", gaps, first.address(), second.address()});
  CHECK(idle.status == 0);
  for (std::size_t number = 0; number < manners.size(); ++number) {
    CHECK(idle.verdict(0, number) == "alive");
    CHECK(idle.verdict(1, number) == manners.at(number).second);
  }
}

TEST_CASE("a box that ends a silent connection is found long before the gap is over") {
  check_boxes({{{Manner::closes, "closed"}, {Manner::resets, "reset"}}}, "100ms,1h");
}

TEST_CASE("a box that forgets a connection without a word is found by speaking") {
  check_boxes(
      {{{Manner::resets_on_speaking, "reset_on_speaking"}, {Manner::swallows, "no_answer"}}},
      "100ms,5s");
}

TEST_CASE("a search finds the idle timeout of echod to within its precision") {
  Echod echod({"--listen", "127.0.0.1:0", "--idle-timeout", "2s"});
  const IdleRun idle = run_idle(
      {"--bisect", "--from", "100ms", "--to", "30s", "--precision", "300ms", echod.address()});
  CHECK(idle.status == 0);
  const double alive = idle.target().at("longest_alive_s").get<double>();
  const double dead = idle.target().at("shortest_dead_s").get<double>();
  CHECK(alive < dead);
  CHECK(dead - alive <= 0.3005);  // both are rounded to milliseconds
  CHECK(alive < 15);
  CHECK(dead > 0.5);
  CHECK(idle.verdict(idle.target().at("gaps").size() - 1) == "closed");
}

TEST_CASE("a search ends when its server is gone before the next step") {
  const TemporaryFolder folder;
  const std::string path = folder.file("socket");
  Echod echod({"--listen", "unix:" + path, "--idle-timeout", "620ms"});
  Process idle({ECHOC_PATH, "idle", "--bisect", "--from", "100ms", "--to", "2s", "--precision",
                "5ms", echod.address()});
  // Of the first step, with both ends of the range. A connection request to no socket fails at
  // once.
  echod.process().wait_for_error(" connected from ", idle::Search::kAtOnce + 2);
  std::filesystem::remove(path);
  CHECK(idle.wait() == 0);
}

TEST_CASE("probes of the far end are counted and warned of") {
  Echod echod({"--listen", "127.0.0.1:0", "--keepalive", "2s"});
  const IdleRun idle = run_idle({"--gaps", "50ms,5s", echod.address()});
  CHECK(idle.status == 0);
  CHECK(idle.target().at("gaps").at(1).at("segments_while_silent") > 0);
  has_text(idle.errors,
           "echoc: warning: the far end was not silent in 1 of the gaps that survived");
  has_text(idle.errors, "echod --keepalive 0 --idle-timeout 0");
}

TEST_CASE("a required gap that does not survive gives status 3") {
  ScriptedServer server([](Socket& client, int) {
    echo_bytes(client, kMessage);
    client.reset();
  });
  const Finished idle =
      run_program({ECHOC_PATH, "idle", "--gaps", "1h", "--require", "2h", server.address()});
  CHECK(idle.status == 3);
  CHECK(idle.errors == "");
  has_text(idle.output,
           "\nrequired: a silence of 2h does not survive (" + server.address() + ")\n");
}

}  // namespace
}  // namespace echo::testing
