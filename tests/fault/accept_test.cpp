#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "tests/fault/faulty_echod.h"

namespace echo::testing {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// How much a thread that waits runs at most, in percent: one that spins runs all the time.
constexpr double kIdleLoad = kSanitized ? 25 : 5;

// Clients whose first message is already on its way.
std::vector<Socket> connect_and_send(const FaultyEchod& echod, int count) {
  std::vector<Socket> clients;
  for (int i = 0; i < count; ++i) {
    clients.push_back(echod.connect());
    clients.back().send("hello");
  }
  return clients;
}

TEST_CASE(
    "while accept fails for a shortage clients wait and nothing spins and then all are served") {
  for (const int error : {EMFILE, ENFILE, ENOBUFS, ENOMEM}) {
    CAPTURE(error);
    FaultyEchod echod({}, {"FAULTY_ACCEPT=" + std::to_string(error)});
    echod.turn_on();
    const auto begin = Clock::now();
    std::vector<Socket> clients = connect_and_send(echod, 64);
    CHECK(processor_load(echod->id(), 3s) < kIdleLoad);
    echod.turn_off();
    const std::chrono::duration<double> seconds = Clock::now() - begin;
    for (Socket& client : clients) CHECK(client.receive(5) == "hello");
    clients.clear();
    echod.check_healthy();
    CHECK(echod->stop() == 0);
    const std::size_t lines = count(echod->log(), "cannot accept");
    CHECK(lines >= 1);
    CHECK(static_cast<double>(lines) <= seconds.count() + 2);
  }
}

TEST_CASE("a connection that fails before it is accepted is skipped") {
  for (const int error : {ECONNABORTED, EPROTO, EPERM}) {
    CAPTURE(error);
    FaultyEchod echod({}, {"FAULTY_ACCEPT=" + std::to_string(error), "FAULTY_ACCEPT_EVERY=2"});
    echod.turn_on();
    std::vector<Socket> clients = connect_and_send(echod, 50);
    for (Socket& client : clients) CHECK(client.receive(5) == "hello");
    echod.turn_off();
    clients.clear();
    echod.check_healthy();
  }
}

TEST_CASE("a stop is heard while accept fails") {
  for (const int error : {EMFILE, ENOMEM, ECONNABORTED}) {
    CAPTURE(error);
    FaultyEchod echod({}, {"FAULTY_ACCEPT=" + std::to_string(error)});
    echod.turn_on();
    const std::vector<Socket> clients = connect_and_send(echod, 10);
    echod->wait_for_log("cannot accept");
    CHECK(processor_load(echod->id(), 1s) < kIdleLoad);
    CHECK(echod->stop() == 0);
  }
}

TEST_CASE("clients that reset before they are accepted harm nobody") {
  FaultyEchod echod({});
  echod->process().signal(SIGSTOP);
  for (int i = 0; i < 50; ++i) {
    Socket client = echod.connect();
    if (i % 2 == 0) client.send("gone");
    client.reset();
  }
  echod->process().signal(SIGCONT);
  echod.check_healthy();
}

TEST_CASE("with 64 descriptors 200 clients are served in turn and nothing spins") {
  FaultyEchod echod({}, {}, {.prefix = {"prlimit", "--nofile=64:64"}});
  const auto begin = Clock::now();
  std::vector<Socket> clients = connect_and_send(echod, 200);
  CHECK(clients.front().receive(5) == "hello");
  CHECK(processor_load(echod->id(), 3s) < kIdleLoad);
  const std::chrono::duration<double> seconds = Clock::now() - begin;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    if (i > 0) CHECK(clients[i].receive(5) == "hello");
    clients[i].close();
  }
  echod.check_healthy();
  CHECK(echod->stop() == 0);
  CHECK(static_cast<double>(count(echod->log(), " warn")) <= seconds.count() + 4);
}

}  // namespace
}  // namespace echo::testing
