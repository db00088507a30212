#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <list>
#include <string>
#include <vector>

#include "common/thread.h"
#include "tests/fault/faulty_echod.h"
#include "tests/support/descriptor_limit.h"
#include "tests/support/eventually.h"
#include "tests/support/proc.h"

namespace echo::testing {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// A full count takes a minute or more where nothing is optimised.
#ifdef NDEBUG
constexpr int kScale = kSanitized ? 20 : 1;
#else
constexpr int kScale = kSanitized ? 20 : 5;
#endif

void connect_one_after_another(const FaultyEchod& echod, int count) {
  std::atomic<int> left{count};
  std::list<Thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back("client", [&] {
      while (left.fetch_sub(1) > 0) {
        Socket client = echod.connect();
        client.send("one more");
        CHECK(client.receive(8) == "one more");
        client.reset();  // else the machine would run out of ports
      }
    });
  }
}

TEST_CASE("after 200000 connections memory and threads and descriptors are where they were") {
  constexpr int kWarmUp = 10'000 / kScale;
  constexpr int kConnections = 200'000 / kScale;
  FaultyEchod echod({}, {}, {.log_level = "info"});
  connect_one_after_another(echod, kWarmUp);
  echod.check_healthy();
  const std::size_t before = resident_memory(echod->id());
  connect_one_after_another(echod, kConnections - kWarmUp);
  echod.check_healthy();
  const std::size_t after = resident_memory(echod->id());
  MESSAGE(kConnections << " connections, resident memory " << before / 1024
                       << " KiB after the first " << kWarmUp << " and " << after / 1024
                       << " KiB after all");
  if (kSanitized) {
    MESSAGE("memory is not checked: a sanitizer keeps what is freed");
  } else {
    CHECK(after < before + (2 << 20));
  }
}

TEST_CASE("thousands that become idle at once are closed while a new client is served") {
  const int count = connections_within_limit(4'000 / kScale);
  FaultyEchod echod({"--idle-timeout", "5s"}, {}, {.log_level = "info"});
  // They wait in the backlog while the server stands still, so that it serves them all in one go,
  // however long it takes to connect them.
  echod->process().signal(SIGSTOP);
  std::vector<Socket> clients;
  for (int i = 0; i < count; ++i) {
    clients.push_back(echod.connect());
    clients.back().send("x");
  }
  echod->process().signal(SIGCONT);
  for (Socket& client : clients) CHECK(client.receive(1) == "x");

  std::atomic<bool> all_closed{false};
  std::atomic<int> served{0};
  Thread fresh("fresh", [&] {
    while (!all_closed) {
      Socket client = echod.connect();
      client.send("fresh");
      CHECK(client.receive(5) == "fresh");
      ++served;
    }
  });
  CHECK(clients.front().receive_until_end().empty());
  const auto first = Clock::now();
  const int served_before = served;
  for (Socket& client : clients) CHECK(client.receive_until_end().empty());
  const int served_meanwhile = served - served_before;
  const std::chrono::duration<double> closing = Clock::now() - first;
  all_closed = true;
  fresh.join();
  MESSAGE(count << " clients were closed in " << closing.count() << " s, and meanwhile "
                << served_meanwhile << " new ones served");
  CHECK(served_meanwhile > 0);
  clients.clear();
  echod.check_healthy();
}

}  // namespace
}  // namespace echo::testing
