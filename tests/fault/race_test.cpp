#include <doctest/doctest.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <list>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "common/thread.h"
#include "tests/fault/faulty_echod.h"
#include "tests/server/core/server_fixture.h"

namespace echo::testing {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// All that comes until the end, however the connection ends.
std::string receive_until_any_end(Socket& client) {
  std::string bytes;
  try {
    for (std::string more = client.receive_some(); !more.empty(); more = client.receive_some()) {
      bytes += more;
    }
  } catch (const std::runtime_error&) {  // a reset
  }
  return bytes;
}

TEST_CASE("bytes that arrive at the idle deadline are echoed whole or meet a clean close") {
  constexpr auto kIdle = 200ms;
  FaultyEchod echod({"--idle-timeout", "200ms"});
  const std::string text = pattern(1000);
  std::atomic<int> echoed{0};
  std::list<Thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back("client", [&, t] {
      std::mt19937 random(static_cast<unsigned>(t));
      std::uniform_int_distribution<int> microseconds(-1000, 1000);
      for (int round = 0; round < 5; ++round) {
        std::vector<Socket> clients;
        std::vector<Clock::time_point> connected;
        for (int i = 0; i < 25; ++i) {
          clients.push_back(echod.connect());
          connected.push_back(Clock::now());
        }
        for (std::size_t i = 0; i < clients.size(); ++i) {
          std::this_thread::sleep_until(connected[i] + kIdle +
                                        std::chrono::microseconds(microseconds(random)));
          clients[i].try_send(text);
        }
        for (Socket& client : clients) {
          const std::string back = receive_until_any_end(client);
          CHECK((back.empty() || back == text));
          echoed += back == text ? 1 : 0;
        }
      }
    });
  }
  threads.clear();
  MESSAGE(echoed.load() << " of 1000 were echoed");
  echod.check_healthy();
}

// Connections as fast as possible, most of which end at once, so that numbers of descriptors are
// soon somebody else's. On a busy machine a client may itself be too late; none is closed younger.
void churn(const FaultyEchod& echod, Clock::time_point until) {
  for (int i = 0; Clock::now() < until; ++i) {
    const auto begin = Clock::now();
    Socket client = echod.connect();
    try {
      client.send("churn");
      if (i % 3 != 0) CHECK(client.receive(5) == "churn");
    } catch (const std::runtime_error&) {
      CHECK(Clock::now() - begin >= 20ms);
    }
    if (i % 2 == 0) client.reset();
  }
}

// A silent connection lives at least as long as the idle timeout, seen from before its start.
void stay_silent(const FaultyEchod& echod, Clock::time_point until) {
  while (Clock::now() < until) {
    const auto begin = Clock::now();
    Socket client = echod.connect();
    receive_until_any_end(client);
    CHECK(Clock::now() - begin >= 20ms);
  }
}

TEST_CASE("nobody is closed as idle for a connection that had the same descriptor before") {
  FaultyEchod echod({"--idle-timeout", "20ms"}, {"FAULTY_CLOSE_US=3000"}, {.log_level = "info"});
  const auto until = Clock::now() + 5s;
  std::list<Thread> threads;
  for (int i = 0; i < 6; ++i) threads.emplace_back("churn", [&] { churn(echod, until); });
  for (int i = 0; i < 6; ++i) threads.emplace_back("silent", [&] { stay_silent(echod, until); });
  threads.clear();
  echod.check_healthy();
}

TEST_CASE("timers and closes and a stop may come at the same time") {
  for (int round = 0; round < 20; ++round) {
    Options options = local_options();
    options.idle_timeout = 2ms;
    options.max_lifetime = 5ms;
    options.write_timeout = 5ms;
    options.heartbeat = 1ms;
    options.drain_timeout = 1ms;
    RunningServer server(options);
    const std::string address = server->addresses().at(0);
    std::atomic<bool> stopped{false};
    std::list<Thread> clients;
    for (int i = 0; i < 8; ++i) {
      clients.emplace_back("client", [&, i] {
        const std::string text = pattern(i % 2 == 0 ? 100 : 100'000);
        while (!stopped) {
          try {
            Socket client = Socket::connect(address);
            ::send(client.descriptor(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
            if (i % 3 == 0) client.receive_some();
            if (i % 3 == 1) client.reset();
            if (i % 3 == 2) receive_until_any_end(client);
          } catch (const std::runtime_error&) {  // reset by one of the timeouts or by the stop
          }
        }
      });
    }
    std::this_thread::sleep_for(30ms);
    const auto report = server.stop();
    CHECK(report.forced <= report.served);
    stopped = true;
    clients.clear();
    CHECK_THROWS(Socket::connect(address));
  }
}

}  // namespace
}  // namespace echo::testing
