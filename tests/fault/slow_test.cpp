#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <list>
#include <string>
#include <vector>

#include "common/thread.h"
#include "tests/fault/faulty_echod.h"
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
  constexpr int kClients = 10'000 / kScale;
  FaultyEchod echod({"--idle-timeout", "10s", "--max-connections", "20000"}, {},
                    {.log_level = "info"});
  std::vector<Socket> clients;
  for (int i = 0; i < kClients; ++i) clients.push_back(echod.connect());
  for (Socket& client : clients) client.send("x");
  for (Socket& client : clients) CHECK(client.receive(1) == "x");
  const auto begin = Clock::now();

  std::atomic<bool> all_closed{false};
  std::chrono::duration<double, std::milli> slowest{0};
  Thread fresh("fresh", [&] {
    while (!all_closed) {
      const auto start = Clock::now();
      Socket client = echod.connect();
      client.send("fresh");
      CHECK(client.receive(5) == "fresh");
      slowest = std::max<std::chrono::duration<double, std::milli>>(slowest, Clock::now() - start);
    }
  });
  clients.front().receive_until_end();
  const auto first = Clock::now();
  for (Socket& client : clients) CHECK(client.receive_until_end().empty());
  const std::chrono::duration<double> closing = Clock::now() - first;
  const std::chrono::duration<double> idle = Clock::now() - begin;
  all_closed = true;
  fresh.join();
  MESSAGE(kClients << " clients were closed in " << closing.count() << " s, " << idle.count()
                   << " s after all had been served; the slowest new client took "
                   << slowest.count() << " ms");
  clients.clear();
  echod.check_healthy();
}

}  // namespace
}  // namespace echo::testing
