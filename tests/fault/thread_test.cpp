#include <doctest/doctest.h>

#include <csignal>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/fault/faulty_echod.h"

namespace echo::testing {
namespace {

// About threads that can be made or not when a client comes.
TEST_SUITE_BEGIN("one driver");

// Whether the client is served; one that is not is closed or reset.
bool is_served(Socket& client) {
  try {
    return client.try_send("hello") && client.receive_some() == "hello";
  } catch (const std::runtime_error&) {
    return false;
  }
}

TEST_CASE("a client for whom there is no thread is refused and the next one is served") {
  FaultyEchod echod({}, {"FAULTY_THREAD=1"});
  echod.turn_on();
  for (int i = 0; i < 10; ++i) {
    Socket client = echod.connect();
    CHECK_FALSE(is_served(client));
  }
  echod.turn_off();
  Socket client = echod.connect();
  CHECK(is_served(client));
  client.close();
  echod->wait_for_log("closed: no_resources");
  echod.check_healthy();
}

TEST_CASE("a client waits while no thread can be made and another client may leave") {
  FaultyEchod echod({}, {"FAULTY_THREAD=1"});
  Socket first = echod.connect();
  CHECK(is_served(first));
  echod.turn_on();
  Socket second = echod.connect();
  second.send("hello");
  Socket third = echod.connect();
  third.send("hello");
  echod->wait_for_log(" waits for one");
  CHECK(is_served(first));
  first.close();  // its thread goes to the second client
  CHECK(second.receive(5) == "hello");
  echod.turn_off();
  CHECK(third.receive(5) == "hello");
  second.close();
  third.close();
  echod.check_healthy();
  CHECK(count(echod->log(), "no_resources") == 0);
}

TEST_CASE("when every third thread fails every client is served") {
  FaultyEchod echod({}, {"FAULTY_THREAD=3"});
  echod.turn_on();
  std::vector<Socket> clients;
  for (int i = 0; i < 60; ++i) {
    clients.push_back(echod.connect());
    CHECK(is_served(clients.back()));
  }
  echod->process().signal(SIGUSR1);
  const std::string counters = echod->process().wait_for_error("counters:");
  CHECK(number_after(counters, "workers_failed=") >= 20);
  clients.clear();
  echod.turn_off();
  echod.check_healthy();
}

TEST_CASE("workers without memory lose their client and nobody else") {
  if (kSanitized) {
    MESSAGE("skipped: the sanitizer has an operator new of its own");
    return;
  }
  FaultyEchod echod({}, {"FAULTY_NEW=7"});
  Socket steady = echod.connect();
  CHECK(is_served(steady));
  echod.turn_on();
  int lost = 0;
  std::vector<Socket> clients;  // kept, so that each needs memory that no client before it had
  for (int i = 0; i < 200; ++i) {
    clients.push_back(echod.connect());
    lost += is_served(clients.back()) ? 0 : 1;
  }
  echod.turn_off();
  CHECK(lost > 0);
  CHECK(lost < 200);
  CHECK(is_served(steady));
  clients.clear();
  steady.close();
  echod->wait_for_log("a session ended by an exception");
  echod.check_healthy();
  echod->process().signal(SIGUSR1);
  const std::string counters = echod->process().wait_for_error("counters:");
  CHECK(counters.find(" live=0 ") != counters.npos);
  CHECK(number_after(counters, "accepted=") == 203);
  CHECK(number_after(counters, "closed_error=") + number_after(counters, "closed_no_resources=") ==
        lost);
  CHECK(number_after(counters, "closed_peer_closed=") +
            number_after(counters, "closed_peer_reset=") ==
        203 - lost);
  CHECK(echod->stop() == 0);
}

TEST_SUITE_END();

}  // namespace
}  // namespace echo::testing
