#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include "common/descriptor.h"
#include "tests/support/eventually.h"
#include "tests/support/proc.h"
#include "tests/support/process.h"
#include "tests/support/socket.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/clients.h"
#include "tests/system/daemon_echod.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

bool serves(const std::string& address) {
  Socket client = Socket::connect(address);
  return echoes(client);
}

// 0 where there is none yet.
pid_t only_child(pid_t parent) {
  const std::string id = std::to_string(parent);
  pid_t child = 0;
  std::ifstream("/proc/" + id + "/task/" + id + "/children") >> child;
  return child;
}

// What a daemon that can't serve says: one line, with exit code 1.
std::string failure(const std::vector<std::string>& before,
                    const std::vector<std::string>& options) {
  std::vector<std::string> words = before;
  words.insert(words.end(), {ECHOD_PATH, "-D", "--listen", "127.0.0.1:0", "--log-level", "off"});
  words.insert(words.end(), options.begin(), options.end());
  const Finished run = run_program(words);
  CHECK(run.status == 1);
  CHECK(run.output.empty());
  CHECK(std::ranges::count(run.errors, '\n') == 1);
  return run.errors;
}

TEST_CASE("a daemon serves once the command that started it has ended with 0") {
  DaemonEchod echod;
  CHECK(echod.start().status == 0);
  CHECK(echod.start().output.empty());
  CHECK(echod.start().errors.empty());
  CHECK(serves(echod.address()));
  CHECK(echod.stop() == 0);
  CHECK(echod.log().find("stopped: 1 served, 0 forced") != std::string::npos);
}

TEST_CASE("a daemon has left terminal and folder and standard streams") {
  const DaemonEchod echod;
  CHECK(::getsid(echod.id()) == echod.id());
  const std::string process = "/proc/" + std::to_string(echod.id());
  CHECK(std::filesystem::read_symlink(process + "/cwd") == "/");
  for (const char* stream : {"/fd/0", "/fd/1", "/fd/2"}) {
    CHECK(std::filesystem::read_symlink(process + stream) == "/dev/null");
  }
}

TEST_CASE("a daemon without a log file logs to the standard error that it was given") {
  const TemporaryFolder folder;
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  Process process({ECHOD_PATH, "-D", "--listen", "127.0.0.1:0", "--pid-file", folder.file("pid")});
  CHECK(process.wait() == 0);
  process.wait_for_error("listening on ");
  const pid_t id = std::stoi(read_file(folder.file("pid")));
  ::kill(id, SIGTERM);
  process.wait_for_error("stopped: 0 served, 0 forced");
  CHECK(::waitpid(id, nullptr, 0) == id);
}

TEST_CASE("a daemon opens a rotated log again") {
  DaemonEchod echod;
  std::filesystem::rename(echod.file("log"), echod.file("log.1"));
  ::kill(echod.id(), SIGHUP);
  wait_for_line(echod.file("log"), "configuration reloaded");
  CHECK(echod.stop() == 0);
}

TEST_CASE("a daemon whose reload drops the log file keeps it and says so") {
  const TemporaryFolder folder;
  const std::string config = folder.file("echod.toml");
  const std::string log = folder.file("log");
  write_file(config, "log-file = \"" + log + "\"\n");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const Finished start = run_program({ECHOD_PATH, "-D", "--listen", "127.0.0.1:0", "--pid-file",
                                      folder.file("pid"), "--config", config});
  REQUIRE(start.status == 0);
  const pid_t id = std::stoi(read_file(folder.file("pid")));
  write_file(config, "log-level = \"info\"\n");
  ::kill(id, SIGHUP);
  wait_for_line(log, "the log stays in " + log);
  wait_for_line(log, "configuration reloaded");
  ::kill(id, SIGTERM);
  wait_for_line(log, "stopped: 0 served");
  CHECK(::waitpid(id, nullptr, 0) == id);
}

TEST_CASE("a daemon holds no descriptor of those that started it") {
  const TemporaryFolder folder;
  write_file(folder.file("theirs"), "");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const Finished start = run_program({"sh", "-c", "exec 5<\"$1\" 9<\"$1\"; shift; exec \"$@\"",
                                      "sh", folder.file("theirs"), ECHOD_PATH, "-D", "--listen",
                                      "127.0.0.1:0", "--pid-file", folder.file("pid")});
  REQUIRE(start.status == 0);
  const pid_t id = std::stoi(read_file(folder.file("pid")));
  const std::string descriptors = "/proc/" + std::to_string(id) + "/fd";
  for (const auto& entry : std::filesystem::directory_iterator(descriptors)) {
    std::error_code gone;
    CHECK(std::filesystem::read_symlink(entry, gone) != folder.file("theirs"));
  }
  ::kill(id, SIGKILL);
  CHECK(::waitpid(id, nullptr, 0) == id);
}

TEST_CASE("who starts a daemon that cannot serve is told why with code 1") {
  const TemporaryFolder folder;
  Echod other({"--listen", "127.0.0.1:0"});
  CHECK(failure({}, {"--listen", other.address()}) ==
        "echod: cannot listen on " + other.address() +
            ": Address already in use; see who has it with: ss -ltnp 'sport = :" + other.port() +
            "'\n");
  CHECK(failure({}, {"--log-file", folder.path()}).ends_with(": Is a directory\n"));
  CHECK(failure({}, {"--pid-file", folder.file("no/pid")})
            .ends_with("/no/pid: No such file or directory\n"));
  CHECK(failure({}, {"--port-file", folder.file("no/port")})
            .ends_with("/no/port: No such file or directory\n"));
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("who starts a daemon that is killed before it serves is told so with code 1") {
  CHECK(failure({"strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=listen:signal=KILL"},
                {}) == "echod: ended by signal 9 before it served\n");
}

TEST_CASE("a signal that ends the command while its daemon begins to serve ends both") {
  const TemporaryFolder folder;
  const std::string log = folder.file("log");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const Descriptor starts(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  REQUIRE(::flock(starts.get(), LOCK_EX) == 0);  // the daemon waits for this lock
  Process command({ECHOD_PATH, "-D", "--listen", "unix:" + folder.file("socket"), "--log-file", log,
                   "--pid-file", folder.file("pid")});
  pid_t daemon = -1;
  REQUIRE(eventually([&] { return (daemon = only_child(command.id())) > 0; }));
  // The command is still to hear that the daemon serves when the signal comes.
  command.signal(SIGSTOP);
  REQUIRE(eventually([&] { return is_stopped(command.id()); }));
  REQUIRE(::flock(starts.get(), LOCK_UN) == 0);
  wait_for_line(log, "listening on ");
  command.signal(SIGTERM);
  command.signal(SIGCONT);
  CHECK(command.wait() == 128 + SIGTERM);
  const bool ended = eventually([&] { return ::waitpid(daemon, nullptr, WNOHANG) == daemon; });
  CHECK(ended);
  if (!ended) ::kill(daemon, SIGKILL);
  CHECK_FALSE(std::filesystem::exists(folder.file("pid")));
}

TEST_CASE("a daemon wants its files with their whole paths") {
  for (const char* option : {"--log-file", "--port-file", "--pid-file"}) {
    const Finished run = run_program({ECHOD_PATH, "-D", option, "name"});
    CHECK(run.status == 2);
    CHECK(run.errors ==
          "echod: --daemon: " + std::string(option) + " 'name' must begin with '/'\n");
  }
  CHECK(run_program({ECHOD_PATH, "-D", "--listen", "unix:name"}).status == 2);
}

}  // namespace
}  // namespace echo::testing
