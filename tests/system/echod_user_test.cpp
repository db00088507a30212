#include <doctest/doctest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/root.h"
#include "tests/support/socket.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/clients.h"
#include "tests/system/daemon_echod.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

// A user without privileges that every Debian has.
const passwd& nobody() {
  const passwd* entry = ::getpwnam("nobody");
  REQUIRE(entry != nullptr);
  return *entry;
}

// What follows the name in a line such as "Uid:	65534	65534".
std::string line_of(const std::string& status, const std::string& name) {
  const std::size_t begin = status.find("\n" + name + ":\t") + name.size() + 3;
  return status.substr(begin, status.find('\n', begin) - begin);
}

// Which can't be under strace.
Process::Settings without_leak_check() {
  Process::Settings settings;
  settings.environment = {"ASAN_OPTIONS=detect_leaks=0"};
  return settings;
}

std::string refusal(const std::vector<std::string>& before, const std::string& user) {
  const TemporaryFolder folder;
  std::vector<std::string> words = before;
  words.insert(words.end(), {ECHOD_PATH, "--user", user, "--listen", "127.0.0.1:0", "--port-file",
                             folder.file("port")});
  Process process(words, without_leak_check());
  CHECK(process.wait() == 1);
  CHECK(process.output().empty());
  CHECK(std::filesystem::is_empty(folder.path()));
  return process.errors();
}

std::vector<std::string> injecting(const std::string& what) {
  return {"strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=" + what};
}

TEST_CASE("every thread goes on as the user with its groups and no capability") {
  if (!is_root()) return;
  // In a folder of root's, so that it must have bound the socket and made the pid file before.
  const TemporaryFolder folder;
  Echod echod({"--user", "nobody", "--listen", "unix:" + folder.file("socket"), "--pid-file",
               folder.file("pid")});
  Socket client = Socket::connect(echod.address());
  CHECK(echoes(client));
  const std::string tasks = "/proc/" + std::to_string(echod.id()) + "/task";
  const std::string uid = std::to_string(nobody().pw_uid);
  const std::string gid = std::to_string(nobody().pw_gid);
  int threads = 0;
  for (const auto& task : std::filesystem::directory_iterator(tasks)) {
    const std::string status = read_file(task.path() / "status");
    CAPTURE(status);
    CHECK(line_of(status, "Uid") == uid + '\t' + uid + '\t' + uid + '\t' + uid);
    CHECK(line_of(status, "Gid") == gid + '\t' + gid + '\t' + gid + '\t' + gid);
    CHECK(line_of(status, "Groups") == gid + ' ');
    for (const char* set : {"CapPrm", "CapEff", "CapAmb", "CapBnd"}) {
      CHECK(line_of(status, set) == "0000000000000000");
    }
    CHECK(line_of(status, "NoNewPrivs") == "1");
    ++threads;
  }
  CHECK(threads >= 5);  // main, logging, timers, listener and a worker
  client.close();
  CHECK(echod.stop() == 0);
  CHECK(read_file(folder.file("pid")).empty());  // it could not be removed any more
}

TEST_CASE("a user may be named by number") {
  if (!is_root()) return;
  const std::string uid = std::to_string(nobody().pw_uid);
  Echod echod({"--user", uid, "--listen", "127.0.0.1:0"});
  const std::string status = read_file("/proc/" + std::to_string(echod.id()) + "/status");
  CHECK(line_of(status, "Uid") == uid + '\t' + uid + '\t' + uid + '\t' + uid);
  CHECK(echod.stop() == 0);
  CHECK(refusal({}, "4294967294") ==
        "echod: cannot run as user '4294967294': there is no such user\n");
}

TEST_CASE("log and port file belong to the user who can open the log again") {
  if (!is_root()) return;
  const TemporaryFolder folder;
  CHECK(::chown(folder.path().c_str(), nobody().pw_uid, nobody().pw_gid) == 0);
  DaemonEchod echod({"--user", "nobody", "--log-level", "info"});
  CHECK(echod.start().status == 1);  // the folder of its log is root's
  CHECK(echod.start().errors.find("log: Permission denied; it is opened as the user with the id " +
                                  std::to_string(nobody().pw_uid) +
                                  ", who must be able to write it\n") != std::string::npos);

  Process process({ECHOD_PATH, "--user", "nobody", "--listen", "127.0.0.1:0", "--port-file",
                   folder.file("port"), "--log-file", folder.file("log")});
  wait_for_line(folder.file("log"), "listening on ");
  std::filesystem::rename(folder.file("log"), folder.file("log.1"));
  process.signal(SIGHUP);
  wait_for_line(folder.file("log"), "configuration reloaded");
  for (const char* name : {"log", "log.1", "port"}) {
    struct stat status {};
    CHECK(::stat(folder.file(name).c_str(), &status) == 0);
    CHECK(status.st_uid == nobody().pw_uid);
    CHECK(status.st_gid == nobody().pw_gid);
  }
  process.signal(SIGTERM);
  CHECK(process.wait() == 0);
}

TEST_CASE("a user that may not open standard output again is told the way out") {
  if (!is_root()) return;
  // A file of root's, as when a service manager opened it.
  const TemporaryFolder folder;
  const Finished run =
      run_program({"sh", "-c", "umask 077; exec \"$@\" >" + folder.file("output"), "sh", ECHOD_PATH,
                   "--user", "nobody", "--listen", "127.0.0.1:0", "--log-file", "/dev/stdout"});
  CHECK(run.status == 1);
  CHECK(run.errors ==
        "echod: cannot open the log file /dev/stdout: Permission denied; without a log file the "
        "log goes to standard error, which is open\n");
}

TEST_CASE("a user that is unknown or root is refused") {
  CHECK(refusal({}, "no-such-user") ==
        "echod: cannot run as user 'no-such-user': there is no such user\n");
  CHECK(refusal({}, "root") ==
        "echod: cannot run as user 'root': that is root; name a user without privileges\n");
}

TEST_CASE("it never goes on as root where the user cannot be taken") {
  if (!is_root()) return;
  const std::string start = "echod: cannot run as user 'nobody': ";
  for (const char* call : {"setgroups", "setresgid", "setresuid"}) {
    CAPTURE(call);
    CHECK(refusal(injecting(std::string(call) + ":error=EPERM"), "nobody") ==
          start + "Operation not permitted\n");
  }
  // Said to have succeeded, but without effect.
  CHECK(refusal(injecting("setresuid:retval=0"), "nobody") ==
        start + "the privileges of root could not be dropped\n");
  CHECK(refusal(injecting("geteuid:retval=1"), "nobody") ==
        start + "only root can become another user\n");
}

}  // namespace
}  // namespace echo::testing
