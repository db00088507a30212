#include <doctest/doctest.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/fault/faulty_echod.h"
#include "tests/support/eventually.h"

namespace echo::testing {
namespace {

TEST_CASE("a start without a thread says so in one line and leaves nothing behind") {
  const TemporaryFolder folder;
  const TemporaryFolder library;
  const std::string preload = preload_from(library);
  // Every nth thread cannot be made, until there are not that many.
  int failed = 0;
  for (int nth = 1;; ++nth) {
    CAPTURE(nth);
    Process echod(
        {ECHOD_PATH, "--listen", "unix:" + folder.file("socket"), "--metrics", "127.0.0.1:0",
         "--port-file", folder.file("port"), "--workers", workers_under_test()},
        {.environment = {preload, "FAULTY_THREAD=" + std::to_string(nth)}});
    REQUIRE(eventually([&] {
      return !echod.running() || echod.errors_now().find("listening on") != std::string::npos;
    }));
    if (echod.running()) {
      echod.signal(SIGTERM);
      CHECK(echod.wait() == 0);
      break;
    }
    ++failed;
    CHECK(echod.wait() == 1);
    CHECK(count(echod.errors(), "echod: cannot start a thread: ") == 1);
    CHECK(count(echod.errors(), "libmicrohttpd") == 0);  // it would have closed a descriptor twice
    CHECK(count(echod.errors(), "listening on") == 0);
    CHECK(std::filesystem::is_empty(folder.path()));
  }
  CHECK(failed >= 3);  // timers, the log and the listener
}

TEST_CASE("SIGTERM and SIGINT end a start that waits for the resolver") {
  for (const int signal : {SIGTERM, SIGINT}) {
    const TemporaryFolder folder;
    Process echod(
        {ECHOD_PATH, "--listen", "slow.example:0", "--port-file", folder.file("port")},
        {.environment = {preload_from(folder), "FAULTY_RESOLVE=" + folder.file("resolving")}});
    REQUIRE(eventually([&] { return std::filesystem::exists(folder.file("resolving")); }));
    // Neither of these two does.
    echod.signal(SIGHUP);
    echod.signal(SIGUSR1);
    CHECK(echod.running());
    echod.signal(signal);
    CHECK(echod.wait() == 128 + signal);
    CHECK_FALSE(std::filesystem::exists(folder.file("port")));
  }
}

TEST_CASE("a signal that ends the command which starts a daemon ends the daemon too") {
  for (const int signal : {SIGTERM, SIGKILL}) {
    const TemporaryFolder folder;
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    Process command(
        {ECHOD_PATH, "--daemon", "--listen", "slow.example:0"},
        {.environment = {preload_from(folder), "FAULTY_RESOLVE=" + folder.file("resolving")}});
    REQUIRE(eventually([&] { return std::filesystem::exists(folder.file("resolving")); }));
    const pid_t daemon = std::stoi(read_file(folder.file("resolving")));
    CHECK(daemon != command.id());
    command.signal(signal);
    CHECK(command.wait() == 128 + signal);
    int status = 0;
    CHECK(::waitpid(daemon, &status, 0) == daemon);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGTERM);
  }
}

}  // namespace
}  // namespace echo::testing
