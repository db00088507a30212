#include <doctest/doctest.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <list>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "common/thread.h"
#include "tests/fault/faulty_echod.h"
#include "tests/server/core/server_fixture.h"
#include "tests/support/deadline.h"
#include "tests/support/eventually.h"
#include "tests/support/temporary_folder.h"

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

// An echod whose idle timeout is so short that only the connections under test can live with it,
// not the checks of its health: they come before it is set and after it is taken back.
class HastyEchod {
 public:
  explicit HastyEchod(const std::vector<std::string>& faults = {})
      : echod_({"--config", config()}, faults, {.log_level = "info"}) {}

  FaultyEchod* operator->() { return &echod_; }
  const FaultyEchod& operator*() const { return echod_; }

  void set_idle_timeout(const std::string& timeout) {
    reload("idle-timeout = \"" + timeout + "\"\n");
  }
  void check_healthy() {
    reload("");
    echod_.check_healthy();
  }

 private:
  std::string config() {
    write_file(folder_.file("config"), "");
    return folder_.file("config");
  }
  void reload(const std::string& settings) {
    write_file(folder_.file("config"), settings);
    echod_->process().signal(SIGHUP);
    echod_->process().wait_for_error("configuration reloaded", ++reloads_);
  }

  TemporaryFolder folder_;
  FaultyEchod echod_;
  int reloads_ = 0;
};

// When to send, counted from the idle deadline: a bit earlier after a close and later after an
// echo, so that on any machine about half of the messages come before the deadline.
class Aim {
 public:
  std::chrono::microseconds offset() const { return std::chrono::microseconds(offset_); }
  void was_echoed(bool echoed) { offset_ += echoed ? 50 : -50; }

 private:
  std::atomic<int> offset_{0};
};

TEST_CASE("bytes that arrive at the idle deadline are echoed whole or meet a clean close") {
  constexpr auto kIdle = 200ms;
  HastyEchod echod;
  echod.set_idle_timeout("200ms");
  const std::string text = pattern(1000);
  Aim aim;
  std::atomic<int> echoed{0};
  std::atomic<int> closed{0};
  const auto give_up = hang_deadline();
  std::list<Thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back("client", [&, t] {
      std::mt19937 random(static_cast<unsigned>(t));
      std::uniform_int_distribution<int> microseconds(-1000, 1000);
      const auto both_seen = [&] { return echoed > 0 && closed > 0; };
      for (int round = 0; round < 5 || (!both_seen() && Clock::now() < give_up); ++round) {
        std::vector<Socket> clients;
        std::vector<Clock::time_point> connected;
        for (int i = 0; i < 25; ++i) {
          clients.push_back(echod->connect());
          connected.push_back(Clock::now());
        }
        for (std::size_t i = 0; i < clients.size(); ++i) {
          std::this_thread::sleep_until(connected[i] + kIdle + aim.offset() +
                                        std::chrono::microseconds(microseconds(random)));
          clients[i].try_send(text);
        }
        for (Socket& client : clients) {
          const std::string back = receive_until_any_end(client);
          CHECK((back.empty() || back == text));
          ++(back.empty() ? closed : echoed);
          aim.was_echoed(!back.empty());
        }
      }
    });
  }
  threads.clear();
  MESSAGE(echoed.load() << " were echoed and " << closed.load() << " closed");
  CHECK(echoed > 0);
  CHECK(closed > 0);
  echod.check_healthy();
}

// Connections as fast as possible, most of which end at once, so that numbers of descriptors are
// soon somebody else's. On a busy machine a client may itself be too late; none is closed younger.
void churn(const FaultyEchod& echod, Clock::time_point until, std::atomic<int>& echoed) {
  for (int i = 0; Clock::now() < until || (echoed == 0 && Clock::now() < until + kHangLimit); ++i) {
    const auto begin = Clock::now();
    Socket client = echod.connect();
    std::string back;
    bool ended = false;
    try {
      client.send("churn");
      if (i % 3 != 0) back = client.receive(5);
    } catch (const std::runtime_error&) {
      ended = true;
    }
    if (ended) CHECK(Clock::now() - begin >= 20ms);
    if (!back.empty()) {
      CHECK(back == "churn");
      ++echoed;
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
  HastyEchod echod({"FAULTY_CLOSE_US=3000"});
  echod.set_idle_timeout("20ms");
  const auto until = Clock::now() + 5s;
  std::atomic<int> echoed{0};
  std::list<Thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back("churn", [&] { churn(*echod, until, echoed); });
  }
  for (int i = 0; i < 6; ++i) threads.emplace_back("silent", [&] { stay_silent(*echod, until); });
  threads.clear();
  CHECK(echoed > 0);
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
    // Some are served and some closed by a timer, and all of them go on.
    CHECK(eventually([&] {
      const StatsSnapshot counters = server->counters();
      return counters.accepted >= 20 && counters.bytes_out > 0 &&
             counters.closed_as(CloseCause::idle) > 0;
    }));
    const auto report = server.stop();
    CHECK(report.served > 0);
    CHECK(report.forced <= report.served);
    stopped = true;
    clients.clear();
    CHECK_THROWS(Socket::connect(address));
  }
}

}  // namespace
}  // namespace echo::testing
