#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/fault/faulty_echod.h"

namespace echo::testing {
namespace {

// Whether the client is served; one that is not is closed or reset.
bool is_served(Socket& client) {
  try {
    return client.try_send("hello") && client.receive_some() == "hello";
  } catch (const std::runtime_error&) {
    return false;
  }
}

long number_after(const std::string& text, const std::string& name) {
  return std::stol(text.substr(text.find(name) + name.size()));
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

TEST_CASE("when every third thread fails every third client is refused") {
  FaultyEchod echod({}, {"FAULTY_THREAD=3"});
  echod.turn_on();
  std::vector<Socket> clients;
  int served = 0;
  for (int i = 0; i < 60; ++i) {
    clients.push_back(echod.connect());
    served += is_served(clients.back()) ? 1 : 0;
  }
  CHECK(served == 40);
  clients.clear();
  echod.turn_off();
  echod.check_healthy();
}

TEST_CASE("a user who may have few threads gets them and everybody else is served or refused") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: only root can become the user whose processes are limited");
    return;
  }
  // The limit counts what the user has: a user of this run's own, who must be able to read echod.
  const TemporaryFolder folder;
  const std::string user = std::to_string(50'000 + ::getpid() % 10'000);
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  const std::string program = folder.file("echod");
  std::filesystem::copy_file(ECHOD_PATH, program);
  FaultyEchod echod({}, {},
                    {.prefix = {"prlimit", "--nproc=12:12", "setpriv", "--reuid=" + user,
                                "--regid=" + user, "--clear-groups", "--inh-caps=-all"},
                     .program = program});
  std::vector<Socket> clients;
  for (int i = 0; i < 30; ++i) clients.push_back(echod.connect());
  int served = 0;
  for (Socket& client : clients) {
    served += is_served(client) ? 1 : 0;
    client.close();
  }
  CHECK(served >= 5);
  echod.check_healthy();
  CHECK(echod->stop() == 0);
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

}  // namespace
}  // namespace echo::testing
