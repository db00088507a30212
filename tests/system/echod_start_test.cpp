#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <list>
#include <sstream>
#include <string>
#include <vector>

#include "common/address.h"
#include "common/descriptor.h"
#include "tests/support/eventually.h"
#include "tests/support/process.h"
#include "tests/support/socket.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/clients.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

Descriptor bound_to(const std::string& path) {
  const Endpoint endpoint = endpoints_to_listen(Address::parse("unix:" + path)).at(0);
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto size = static_cast<socklen_t>(endpoint.size());
  REQUIRE(::bind(socket.get(), endpoint.data(), size) == 0);
  return socket;
}

bool is_listening(Process& echod) {
  return echod.errors_now().find("listening on") != std::string::npos;
}

TEST_CASE("too few descriptors for a start are named as such") {
  int refused = 0;
  for (int limit = 10; limit < 24; ++limit) {
    CAPTURE(limit);
    const std::string files = std::to_string(limit);
    Process echod(
        {"prlimit", "--nofile=" + files + ':' + files, ECHOD_PATH, "--listen", "127.0.0.1:0"});
    CHECK(eventually([&] { return !echod.running() || is_listening(echod); }));
    if (echod.running()) continue;
    CHECK(echod.wait() == 1);
    CHECK(echod.errors().find("interrupter") == std::string::npos);
    if (echod.errors().find("too few open files: at most " + files) != std::string::npos) ++refused;
  }
  CHECK(refused > 2);
}

TEST_CASE("of servers that start on one abandoned unix path at once exactly one serves") {
  for (int round = 0; round < 10; ++round) {
    const TemporaryFolder folder;
    const std::string address = "unix:" + folder.file("socket");
    bound_to(folder.file("socket"));  // and closed: the file stays
    std::list<Process> echods;
    for (int i = 0; i < 6; ++i) {
      echods.emplace_back(std::vector<std::string>{ECHOD_PATH, "--listen", address});
    }
    CHECK(eventually([&] {
      return std::ranges::all_of(echods,
                                 [](Process& one) { return !one.running() || is_listening(one); });
    }));
    CHECK(std::ranges::count_if(echods, [](Process& one) { return one.running(); }) == 1);
    Socket client = Socket::connect(address);
    CHECK(echoes(client));
    client.close();
    for (Process& echod : echods) {
      const bool serves = echod.running();
      echod.signal(SIGTERM);
      CHECK(echod.wait() == (serves ? 0 : 1));
    }
    CHECK(std::filesystem::is_empty(folder.path()));
  }
}

// Whether the process waits for a lock (proc(5), /proc/locks).
bool waits_for_lock(pid_t process) {
  std::istringstream locks(read_file("/proc/locks"));
  const std::string id = ' ' + std::to_string(process) + ' ';
  for (std::string line; std::getline(locks, line);) {
    if (line.find("->") != line.npos && line.find(id) != line.npos) return true;
  }
  return false;
}

TEST_CASE("a start on a unix path waits for another one in its directory and can be ended") {
  const TemporaryFolder folder;
  Descriptor other(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  REQUIRE(::flock(other.get(), LOCK_EX) == 0);
  const std::vector<std::string> command{ECHOD_PATH, "--listen", "unix:" + folder.file("socket")};
  Process ended(command);
  Process served(command);
  for (Process* echod : {&ended, &served}) {
    CHECK(eventually([&] { return waits_for_lock(echod->id()); }));
  }
  const std::string line = "warning: waiting until another process unlocks " + folder.path();
  served.wait_for_error(line);
  ended.signal(SIGTERM);
  CHECK(ended.wait() == 128 + SIGTERM);
  CHECK(std::filesystem::is_empty(folder.path()));
  other.reset();
  served.wait_for_error("listening on unix:");
  served.signal(SIGTERM);
  CHECK(served.wait() == 0);
}

TEST_CASE("a unix path whose owner takes no clients is in use and its owner notices nothing") {
  const TemporaryFolder folder;
  const Descriptor owner = bound_to(folder.file("socket"));
  for (const bool listens : {false, true}) {
    CAPTURE(listens);
    std::list<Descriptor> clients;
    if (listens) {
      REQUIRE(::listen(owner.get(), 0) == 0);
      const Endpoint endpoint =
          endpoints_to_connect(Address::parse("unix:" + folder.file("socket"))).at(0);
      do {  // until its backlog is full
        clients.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      } while (::connect(clients.back().get(), endpoint.data(),
                         static_cast<socklen_t>(endpoint.size())) == 0);
      REQUIRE(errno == EAGAIN);
    }
    const Finished run = run_program({ECHOD_PATH, "--listen", "unix:" + folder.file("socket")});
    CHECK(run.status == 1);
    CHECK(run.errors == "echod: cannot listen on unix:" + folder.file("socket") +
                            ": Address already in use; see who has it with: ss -lxp\n");
    std::size_t waiting = 0;
    while (Descriptor(::accept4(owner.get(), nullptr, nullptr, SOCK_CLOEXEC))) ++waiting;
    CHECK(waiting + 1 == std::max<std::size_t>(clients.size(), 1));
  }
}

TEST_CASE("a unix path that belongs to another server by now outlives the first one") {
  const TemporaryFolder folder;
  const std::string address = "unix:" + folder.file("socket");
  Echod first({"--listen", address});
  std::filesystem::remove(folder.file("socket"));
  Echod second({"--listen", address});
  CHECK(first.stop() == 0);
  Socket client = Socket::connect(address);
  CHECK(echoes(client));
  client.close();
  CHECK(second.stop() == 0);
  CHECK_FALSE(std::filesystem::exists(folder.file("socket")));
}

TEST_CASE("two unix paths in one directory and one of them for metrics are served") {
  const TemporaryFolder folder;
  Echod echod({"--listen", "unix:" + folder.file("one"), "--listen", "unix:" + folder.file("two"),
               "--metrics", "unix:" + folder.file("metrics")});
  for (const char* name : {"one", "two"}) {
    Socket client = Socket::connect("unix:" + folder.file(name));
    CHECK(echoes(client));
  }
  CHECK(echod.stop() == 0);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("the port file is there once it listens and goes when it ends") {
  const TemporaryFolder folder;
  Echod echod({"--listen", "127.0.0.1:0", "--port-file", folder.file("port")});
  CHECK(read_file(folder.file("port")) == echod.address() + "\n");
  CHECK(echod.stop() == 0);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a start that fails says nothing of listening and leaves no port file") {
  const TemporaryFolder folder;
  Echod other({"--listen", "127.0.0.1:0"});
  for (const std::vector<std::string>& option :
       {std::vector<std::string>{"--metrics", other.address()},
        {"--log-file", folder.path()},
        {"--pid-file", folder.file("no/pid")}}) {
    std::vector<std::string> words{ECHOD_PATH, "--listen", "127.0.0.1:0", "--port-file",
                                   folder.file("port")};
    words.insert(words.end(), option.begin(), option.end());
    const Finished run = run_program(words);
    CHECK(run.status == 1);
    CHECK(std::ranges::count(run.errors, '\n') == 1);
    CHECK(std::filesystem::is_empty(folder.path()));
  }
}

}  // namespace
}  // namespace echo::testing
