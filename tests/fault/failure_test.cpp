#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "tests/fault/faulty_echod.h"
#include "tests/support/eventually.h"
#include "tests/support/http.h"
#include "tests/support/proc.h"
#include "tests/system/clients.h"

namespace echo::testing {
namespace {

// Of one that serves: its pages are there before.
std::string metrics_address(FaultyEchod& echod) {
  const std::string line = echod->process().wait_for_error("metrics on ");
  const std::string address = line.substr(line.rfind(' ') + 1);
  CHECK(eventually([&] { return http_get(address, "/readyz").status == 200; }));
  return address;
}

TEST_CASE("a thread that it needs and that ends makes it not ready and ends it with 1") {
  for (const std::string thread : {"listener", "timers"}) {
    CAPTURE(thread);
#ifdef __SANITIZE_THREAD__
    // An exception out of a wait for a condition passes by ThreadSanitizer's own code, which then
    // believes that the mutex is not held.
    if (thread == "timers") continue;
#endif
    FaultyEchod echod({"--metrics", "127.0.0.1:0", "--drain-timeout", "1h"},
                      {"FAULTY_THROW=" + thread});
    const std::string metrics = metrics_address(echod);
    const Socket stuck = stuck_reader(echod->address());
    echod.turn_on();
    std::optional<Socket> client;
    try {
      client.emplace(echod.connect());  // wakes the listener, and its timers the timers
    } catch (const std::system_error&) {
      // It was refused: a timer of the stuck client was due before.
    }
    echod->wait_for_log("draining: ");
    CHECK(http_get(metrics, "/readyz").status == 503);
    CHECK(http_get(metrics, "/healthz").status == 200);
    echod->process().signal(SIGTERM);
    CHECK(echod->process().wait() == 1);
    CHECK(count(echod->log(), "\nechod: the " + thread + " thread ended: injected\n") == 1);
  }
}

TEST_CASE("a shared worker that ends makes it not ready and ends it with 1" *
          doctest::test_suite("one driver")) {
  FaultyEchod echod({"--metrics", "127.0.0.1:0", "--drain-timeout", "1h"},
                    {"FAULTY_THROW=worker-1"}, {.workers = "1"});
  const std::string metrics = metrics_address(echod);
  Socket client = echod.connect();
  CHECK(echoes(client));
  echod.turn_on();
  client.try_send("the worker throws once it has served this, or has thrown already");
  echod->wait_for_log("draining: ");
  CHECK(http_get(metrics, "/readyz").status == 503);
  echod->process().signal(SIGTERM);
  CHECK(echod->process().wait() == 1);
  CHECK(count(echod->log(), "\nechod: the worker thread ended: injected\n") == 1);
}

// Makes the thread's nth allocation from now on fail, or every one for 0.
void let_fail(const FaultyEchod& echod, int nth, const std::string& thread = "echod") {
  std::ofstream(echod.nth_file() + ".new") << nth << ' ' << thread;
  std::filesystem::rename(echod.nth_file() + ".new", echod.nth_file());
}

// Sends the signal again and again, and lets a later allocation fail each time, until obeying it
// takes fewer allocations than that. Returns how many failed.
int let_each_allocation_fail(FaultyEchod& echod, int signal, const std::string& obeyed) {
  Process& process = echod->process();
  int failed = 0;
  // Not each one of the thousands that reading the configuration takes.
  for (int nth = 1;; nth += 1 + nth / 16) {
    CAPTURE(nth);
    // What is left of the last signal is still done, and may be what the next one is known by.
    REQUIRE(eventually([&] { return waits_for_events(process.id(), "echod"); }));
    const std::size_t before = count(process.errors_now(), obeyed);
    let_fail(echod, nth);
    process.signal(signal);
    REQUIRE(eventually([&] {
      return !std::filesystem::exists(echod.nth_file()) ||
             count(process.errors_now(), obeyed) > before;
    }));
    REQUIRE(process.running());
    if (std::filesystem::exists(echod.nth_file())) return failed;
    ++failed;
  }
}

TEST_CASE("an allocation that fails in main costs what the signal asked for and nothing else") {
  if (kSanitized) {
    MESSAGE("skipped: the sanitizer has an operator new of its own");
    return;
  }
  FaultyEchod echod({}, {"FAULTY_THROW=nobody"});
  Socket steady = echod.connect();
  CHECK(echoes(steady));
  CHECK(let_each_allocation_fail(echod, SIGUSR1, "counters:") > 10);
  CHECK(let_each_allocation_fail(echod, SIGHUP, "configuration reloaded") > 10);
  CHECK(echoes(steady));
  steady.close();
  std::filesystem::remove(echod.nth_file());
  echod.check_healthy();
}

TEST_CASE("SIGTERM drains it although main has no memory at all") {
  if (kSanitized) {
    MESSAGE("skipped: the sanitizer has an operator new of its own");
    return;
  }
  FaultyEchod echod({"--drain-timeout", "1h"}, {"FAULTY_THROW=nobody"});
  // Several, so that closes are held back, which the end would tell if it could.
  std::vector<Socket> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(echod.connect());
    CHECK(echoes(clients.back()));
  }
  // On a busy machine it serves before main has entered its loop, which needs memory.
  REQUIRE(eventually([&] { return waits_for_events(echod->id(), "echod"); }));
  let_fail(echod, 0);
  echod->process().signal(SIGUSR1);  // fails, and shows that every allocation does
  echod->process().signal(SIGTERM);
  for (Socket& client : clients) CHECK(client.receive_until_end().empty());
  CHECK(echod->process().wait() == 0);
  CHECK(count(echod->log(), "counters:") == 0);
}

TEST_CASE("a listener without memory loses clients but neither itself nor a stop") {
  if (kSanitized) {
    MESSAGE("skipped: the sanitizer has an operator new of its own");
    return;
  }
  FaultyEchod echod({}, {"FAULTY_THROW=nobody"});
  REQUIRE(eventually([&] { return waits_for_events(echod->id(), "listener"); }));
  let_fail(echod, 0, "listener");
  std::vector<Socket> clients;
  for (int i = 0; i < 10; ++i) clients.push_back(echod.connect());
  for (Socket& client : clients) CHECK_NOTHROW(CHECK(client.receive_some().empty()));
  std::filesystem::remove(echod.nth_file());
  clients.clear();
  echod.check_healthy();
  echod->process().signal(SIGUSR1);
  const std::string counters = echod->process().wait_for_error("counters:");
  CHECK(counters.find(" accept_errors_memory=0") == counters.npos);
  let_fail(echod, 0, "listener");
  const Socket client = echod.connect();
  CHECK(echod->stop() == 0);
}

}  // namespace
}  // namespace echo::testing
