// Two processes at a time behind something that mixes them up.
#include <doctest/doctest.h>

#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tests/support/crossing_server.h"
#include "tests/system/echoc_load.h"

namespace echo::testing {
namespace {

using Words = std::vector<std::string>;

TEST_CASE("two loads whose answers are crossed both end with wrong bytes") {
  CrossingServer server;
  // One message each, because after a wrong byte both would connect again, perhaps not in pairs.
  const Words command = load_command(
      server.address(), {"-c", "1", "-n", "1", "--timeout", "1h", "--connect-timeout", "1h"});
  Process first(command);
  Process second(command);
  for (Process* const load : {&first, &second}) {
    CHECK(load->wait() == 4);
    const auto result = nlohmann::json::parse(load->output());
    CHECK(result.at("messages").at("echoed") == 0);
    CHECK(result.at("messages").at("corrupt") == 1);
  }
}

TEST_CASE("two pings whose answers are crossed both end with wrong bytes") {
  CrossingServer server;
  const Words command{ECHOC_PATH, "ping", server.address(), "-n", "1", "--timeout", "1h"};
  Process first(command);
  Process second(command);
  for (Process* const ping : {&first, &second}) {
    CHECK(ping->wait() == 4);
    CHECK(ping->output().find("seq=1 corrupt: byte ") != std::string::npos);
    CHECK(ping->output().find("1 sent, 0 echoed, 0 lost (0%), 1 corrupt") != std::string::npos);
  }
}

TEST_CASE("one load whose own connections are crossed ends with wrong bytes") {
  CrossingServer server;
  const Load load(server.address(), {"-c", "2", "-n", "2", "--timeout", "1h"});
  CHECK(load.status == 4);
  CHECK(load.messages().at("corrupt") == 2);
}

TEST_CASE("no two connections of a load ever send the same bytes") {
  std::mutex mutex;
  std::vector<std::string> received;
  ScriptedServer server([&](Socket& client, int) {
    for (std::string bytes = client.receive(16);; bytes = client.receive(16)) {
      {
        const std::lock_guard lock(mutex);
        received.push_back(bytes);
      }
      client.send(bytes);
    }
  });
  const Load load(server.address(), {"-c", "7", "-w", "3", "-n", "210", "-s", "16",
                                     "--messages-per-connection", "5"});
  CHECK(load.status == 0);
  const std::lock_guard lock(mutex);
  CHECK(received.size() == 210);
  CHECK(std::set<std::string>(received.begin(), received.end()).size() == 210);
}

}  // namespace
}  // namespace echo::testing
