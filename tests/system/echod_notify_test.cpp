#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/frozen_thread.h"
#include "tests/support/process.h"
#include "tests/support/socket.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/clients.h"
#include "tests/system/notify_socket.h"

namespace echo::testing {
namespace {

constexpr std::chrono::milliseconds kWatchdog{600};
const std::string kFed = "WATCHDOG=1";
const std::string kReloaded = "configuration reloaded";

// An echod that a service manager started.
class Service {
 public:
  explicit Service(const std::vector<std::string>& options = {},
                   std::vector<std::string> environment = {}) {
    std::vector<std::string> words{ECHOD_PATH, "--listen", "127.0.0.1:0", "--port-file",
                                   folder_.file("port")};
    words.insert(words.end(), options.begin(), options.end());
    Process::Settings settings;
    settings.environment = std::move(environment);
    settings.environment.push_back(manager_.variable());
    process_.emplace(words, settings);
  }

  NotifySocket& manager() { return manager_; }
  Process& process() { return *process_; }
  std::string address() const { return wait_for_line(folder_.file("port"), "127.0.0.1:"); }
  int stop() {
    process_->signal(SIGTERM);
    return process_->wait();
  }

 private:
  TemporaryFolder folder_;
  NotifySocket manager_;
  std::optional<Process> process_;
};

std::vector<std::string> watchdog() {
  return {"WATCHDOG_USEC=" + std::to_string(std::chrono::microseconds(kWatchdog).count())};
}

TEST_CASE("the service manager is told when it serves and reloads and stops") {
  Service echod;
  echod.manager().wait_for("READY=1");
  Socket client = Socket::connect(echod.address());
  CHECK(echoes(client));
  client.close();
  echod.process().signal(SIGHUP);
  CHECK(echod.manager().wait_for("RELOADING=1").find("\nMONOTONIC_USEC=") != std::string::npos);
  echod.manager().wait_for("READY=1");
  echod.process().signal(SIGTERM);
  echod.manager().wait_for("STOPPING=1");
  CHECK(echod.process().wait() == 0);
}

TEST_CASE("the service manager is told that it is ready after a reload that failed") {
  const TemporaryFolder folder;
  write_file(folder.file("echod.conf"), "");
  Service echod({"--config", folder.file("echod.conf")});
  echod.manager().wait_for("READY=1");
  write_file(folder.file("echod.conf"), "heartbeat = \"5x\"\n");
  echod.process().signal(SIGHUP);
  echod.manager().wait_for("RELOADING=1");
  echod.manager().wait_for("READY=1");
  echod.process().wait_for_error("reload failed");
  CHECK(echod.stop() == 0);
}

TEST_CASE("the status says how many are connected") {
  Service echod;
  echod.manager().wait_for("STATUS=0 connections");
  const Socket client = Socket::connect(echod.address());
  echod.manager().wait_for("STATUS=1 connection, 1 accepted");
  CHECK(echod.stop() == 0);
}

TEST_CASE("a start that fails is never said to be ready") {
  Service echod({"--listen", "192.0.2.1:0"});
  CHECK(echod.process().wait() == 1);
  CHECK(echod.manager().take_all("") == 0);
}

TEST_CASE("without a watchdog none is fed") {
  Service echod;
  echod.manager().wait_for("READY=1");
  std::this_thread::sleep_for(kWatchdog);
  CHECK(echod.manager().take_all(kFed) == 0);
  CHECK(echod.stop() == 0);
}

TEST_CASE("the watchdog is fed while the listener and the timers turn and no longer") {
  for (const char* name : {"listener", "timers"}) {
    CAPTURE(name);
    Service echod({}, watchdog());
    for (int i = 0; i < 4; ++i) echod.manager().wait_for(kFed);
    {
      const FrozenThread frozen(echod.process().id(), name);
      echod.manager().take_all(kFed);
      std::this_thread::sleep_for(5 * kWatchdog);
      // It may have answered a moment before it was frozen.
      CHECK(echod.manager().take_all(kFed) <= 1);
    }
    for (int i = 0; i < 4; ++i) echod.manager().wait_for(kFed);
    CHECK(echod.stop() == 0);
  }
}

TEST_CASE("the watchdog is fed while it waits for room and for clients to finish") {
  Service echod({"--max-connections", "1", "--when-full", "wait", "--drain-timeout", "1h"},
                watchdog());
  const Socket client = stuck_reader(echod.address());
  const Socket waiting = Socket::connect(echod.address());
  for (int i = 0; i < 4; ++i) echod.manager().wait_for(kFed);
  echod.process().signal(SIGTERM);
  echod.manager().wait_for("STOPPING=1");
  for (int i = 0; i < 4; ++i) echod.manager().wait_for(kFed);
  echod.process().signal(SIGTERM);
  CHECK(echod.process().wait() == 3);
}

TEST_CASE("a service manager that reads nothing holds up neither signals nor timers nor the end") {
  Service echod({"--idle-timeout", "100ms"}, watchdog());
  Socket client = Socket::connect(echod.address());
  echod.manager().take_all("");  // a slow test would find its queue full, which holds about ten
  CHECK(echod.manager().fill() > 0);
  CHECK(client.receive_some().empty());  // closed as idle by the thread that feeds the watchdog
  for (int i = 0; i < 40; ++i) {
    echod.process().signal(SIGHUP);
    CHECK(eventually([&] {
      const std::string& log = echod.process().errors_now();
      int reloads = 0;
      for (auto at = log.find(kReloaded); at != log.npos; at = log.find(kReloaded, at + 1)) {
        ++reloads;
      }
      return reloads > i;
    }));
  }
  CHECK(echod.stop() == 0);
}

TEST_CASE("what the service manager could not take it is told later") {
  Service echod;
  echod.manager().wait_for("READY=1");
  echod.manager().take_all("");
  CHECK(echod.manager().fill() > 0);
  echod.process().signal(SIGHUP);
  echod.process().wait_for_error(kReloaded);
  echod.manager().take_all("");
  echod.manager().wait_for("READY=1");
  CHECK(echod.stop() == 0);
}

TEST_CASE("a reload during the drain does not change for how long the manager is to wait") {
  const TemporaryFolder folder;
  const std::string config = folder.file("echod.toml");
  write_file(config, "drain-timeout = \"1h\"\n");
  Service echod({"--config", config});
  const Socket client = stuck_reader(echod.address());
  echod.manager().take_all("");
  CHECK(echod.manager().fill() > 0);  // so that the timers tell it later
  echod.process().signal(SIGTERM);
  echod.process().wait_for_error("draining: 1 connection");
  write_file(config, "drain-timeout = \"2h\"\n");
  echod.process().signal(SIGHUP);
  echod.process().wait_for_error(kReloaded);
  echod.manager().take_all("");
  const std::string told = echod.manager().wait_for("STOPPING=1");
  CHECK(told.find("\nEXTEND_TIMEOUT_USEC=3605000000") != told.npos);
  echod.process().signal(SIGTERM);
  CHECK(echod.process().wait() == 3);
}

TEST_CASE("a reload during the drain is not told as ready") {
  Service echod({"--drain-timeout", "1h"});
  const Socket client = stuck_reader(echod.address());
  echod.process().signal(SIGTERM);
  echod.manager().wait_for("STOPPING=1");
  echod.process().signal(SIGHUP);
  echod.process().wait_for_error(kReloaded);
  echod.process().signal(SIGTERM);
  CHECK(echod.process().wait() == 3);
  CHECK(echod.manager().take_all("READY=1") == 0);
}

TEST_CASE("the service manager is asked for as much time as the drain may take") {
  Service echod({"--drain-timeout", "2m"});
  echod.manager().wait_for("READY=1");
  echod.process().signal(SIGTERM);
  CHECK(echod.manager().wait_for("STOPPING=1").find("\nEXTEND_TIMEOUT_USEC=125000000") !=
        std::string::npos);
  CHECK(echod.process().wait() == 0);
}

TEST_CASE("the process that is ready names itself") {
  Service echod;
  CHECK(echod.manager().wait_for("READY=1") ==
        "READY=1\nMAINPID=" + std::to_string(echod.process().id()));
  CHECK(echod.stop() == 0);
}

}  // namespace
}  // namespace echo::testing
