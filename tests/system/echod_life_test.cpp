#include <doctest/doctest.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/thread.h"
#include "tests/support/eventually.h"
#include "tests/support/process.h"
#include "tests/support/scripted_server.h"
#include "tests/support/socket.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/clients.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int kRestarts = 25;
#else
constexpr int kRestarts = 100;
#endif

TEST_CASE("SIGTERM and SIGINT let idle clients see a regular end") {
  for (const int signal : {SIGTERM, SIGINT}) {
    Echod echod({"--listen", "127.0.0.1:0"});
    Socket client = Socket::connect(echod.address());
    CHECK(echoes(client));
    echod.process().signal(signal);
    CHECK(client.receive_until_end().empty());
    CHECK(echod.process().wait() == 0);
    echod.wait_for_log("stopped: 1 served, 0 forced");
  }
}

TEST_CASE("SIGTERM lets a slow client have all that was received") {
  Echod echod({"--listen", "127.0.0.1:0", "--drain-timeout", "1h"});
  const std::string bytes(300'000, 'b');
  Socket client = Socket::connect(echod.address());
  client.send(bytes);
  CHECK(eventually([&] {
    int unacknowledged = 1;
    ::ioctl(client.descriptor(), SIOCOUTQ, &unacknowledged);
    return unacknowledged == 0;
  }));
  echod.process().signal(SIGTERM);
  echod.wait_for_log("draining: 1 connection");
  CHECK(client.receive_until_end() == bytes);
  CHECK(echod.process().wait() == 0);
}

// Sends and compares until the server ends it.
void talk(const std::string& address, std::atomic<int>& rounds) {
  Socket client = Socket::connect(address);
  try {
    while (client.try_send("talk")) {
      const std::string back = client.receive_some(4);
      CHECK(std::string_view("talk").starts_with(back));
      if (back.empty()) return;
      if (back.size() < 4) CHECK(back + client.receive(4 - back.size()) == "talk");
      ++rounds;
    }
  } catch (const std::runtime_error&) {
    // Its bytes came too late, which a reset tells.
  }
}

TEST_CASE("SIGTERM ends clients that never stop talking") {
  Echod echod({"--listen", "127.0.0.1:0", "--drain-timeout", "1h"});
  std::atomic<int> first_rounds = 0;
  std::atomic<int> second_rounds = 0;
  {
    const Thread first("first", [&] { talk(echod.address(), first_rounds); });
    const Thread second("second", [&] { talk(echod.address(), second_rounds); });
    CHECK(eventually([&] { return first_rounds > 50 && second_rounds > 50; }));
    echod.process().signal(SIGTERM);
  }
  CHECK(echod.process().wait() == 0);
  echod.wait_for_log("stopped: 2 served, 0 forced");
}

TEST_CASE("a client that never reads is cut short when the drain timeout is over") {
  Echod echod({"--listen", "127.0.0.1:0", "--drain-timeout", "300ms"});
  const Socket client = stuck_reader(echod.address());
  CHECK(echod.stop() == 3);
  echod.wait_for_log("stopped: 1 served, 1 forced");
}

TEST_CASE("a second signal ends the drain at once") {
  for (const int signal : {SIGTERM, SIGINT}) {
    Echod echod({"--listen", "127.0.0.1:0", "--drain-timeout", "1h"});
    const Socket client = stuck_reader(echod.address());
    echod.process().signal(SIGTERM);
    echod.wait_for_log("draining: 1 connection");
    echod.process().signal(signal);
    CHECK(echod.process().wait() == 3);
  }
}

TEST_CASE("HUP and USR1 are obeyed during the drain and do not cut it short") {
  Echod echod({"--listen", "127.0.0.1:0", "--drain-timeout", "1h"});
  const Socket client = stuck_reader(echod.address());
  echod.process().signal(SIGTERM);
  echod.wait_for_log("draining: 1 connection");
  echod.process().signal(SIGUSR1);
  echod.wait_for_log("counters: accepted=1 live=1 ");
  echod.process().signal(SIGHUP);
  echod.wait_for_log("configuration reloaded");
  CHECK(echod.process().running());
  echod.process().signal(SIGTERM);
  CHECK(echod.process().wait() == 3);
}

TEST_CASE("signals that arrive before it serves are obeyed once it does") {
  const auto started_with = [](const std::string& signals) {
    // Blocked, so that they wait for echod and don't end the shell.
    return std::vector<std::string>{
        "env",
        "--block-signal=TERM,HUP,USR1",
        "sh",
        "-c",
        "for signal in " + signals + "; do kill -$signal $$; done; exec \"$@\"",
        "sh",
        ECHOD_PATH,
        "--listen",
        "127.0.0.1:0"};
  };
  const Finished stopped = run_program(started_with("TERM"));
  CHECK(stopped.status == 0);
  CHECK(stopped.errors.find("stopped: 0 served, 0 forced") != stopped.errors.npos);

  Process process(started_with("HUP USR1"));
  process.wait_for_error("configuration reloaded");
  process.wait_for_error("counters: accepted=0 live=0 ");
  process.signal(SIGTERM);
  CHECK(process.wait() == 0);
}

TEST_CASE("closed standard streams are opened on nothing before anything else is") {
  const TemporaryFolder folder;
  Process process({"sh", "-c", "exec \"$@\" <&- >&- 2>&-", "sh", ECHOD_PATH, "--listen",
                   "127.0.0.1:0", "--port-file", folder.file("port")});
  const std::string address = wait_for_line(folder.file("port"), "127.0.0.1:");
  for (const char* fd : {"0", "1", "2"}) {
    CHECK(std::filesystem::read_symlink("/proc/" + std::to_string(process.id()) + "/fd/" + fd) ==
          "/dev/null");
  }
  Socket client = Socket::connect(address);
  CHECK(echoes(client));
  client.close();
  process.signal(SIGTERM);
  CHECK(process.wait() == 0);
}

TEST_CASE("it can be restarted under load again and again") {
  // Held between two servers too, or another test that runs at the same time might get the port.
  const Descriptor held = bind_to_free_port();
  const int yes = 1;
  REQUIRE(::setsockopt(held.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0);
  const std::string address = local_address(held.get());
  std::atomic<bool> stop = false;
  std::atomic<int> echoed = 0;
  std::vector<std::unique_ptr<Thread>> clients;
  for (int restart = 0; restart < kRestarts; ++restart) {
    Echod echod({"--listen", address, "--heartbeat", "0"});
    if (restart == 0) {
      for (int i = 0; i < 3; ++i) {
        clients.push_back(std::make_unique<Thread>("client", [&] {
          while (!stop) {
            try {
              Socket client = Socket::connect(address);
              while (!stop && client.try_send("load")) {
                const std::string back = client.receive(4);
                CHECK(back == "load");
                ++echoed;
              }
            } catch (const std::runtime_error&) {
              // Refused between two servers, or its end: the next one serves it.
              std::this_thread::yield();
            }
          }
        }));
      }
    }
    const int before = echoed;
    CHECK(eventually([&] { return echoed > before; }));
    CHECK(echod.stop() == 0);
  }
  stop = true;
}

}  // namespace
}  // namespace echo::testing
