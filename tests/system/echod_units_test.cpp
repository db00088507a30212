#include <doctest/doctest.h>

#include <csignal>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace echo::testing {
namespace {

bool has_systemd() {
  if (run_program({"sh", "-c", "command -v systemd-analyze"}).status == 0) return true;
  MESSAGE("skipped: needs systemd-analyze of the package systemd");
  return false;
}

TEST_CASE("systemd takes both units without a remark") {
  if (!has_systemd()) return;
  // It looks whether the program and the manual page are there, which need not be installed yet.
  const TemporaryFolder folder;
  std::string service = read_file(ECHOD_SERVICE);
  const std::size_t program = service.find("ExecStart=") + std::string("ExecStart=").size();
  service.replace(program, service.find(' ', program) - program, ECHOD_PATH);
  write_file(folder.file("echod.service"), service);
  write_file(folder.file("echod.socket"), read_file(ECHOD_SOCKET));
  const Finished run = run_program({"systemd-analyze", "verify", "--man=no",
                                    folder.file("echod.service"), folder.file("echod.socket")});
  CHECK(run.status == 0);
  CHECK(run.output.empty());
  CHECK(run.errors.empty());
}

TEST_CASE("the service is exposed to 2.0 at most") {
  if (!has_systemd()) return;
  const Finished run = run_program(
      {"systemd-analyze", "security", "--offline=yes", "--threshold=20", ECHOD_SERVICE});
  CAPTURE(run.output);
  CHECK(run.status == 0);
  CHECK(run.output.find("Overall exposure level for echod.service") != run.output.npos);
}

// The value of a line such as "LimitNOFILE=10240" of the service.
std::string limit(const std::string& name) {
  const std::string text = read_file(ECHOD_SERVICE);
  const std::size_t begin = text.find("\n" + name + "=") + name.size() + 2;
  return text.substr(begin, text.find('\n', begin) - begin);
}

TEST_CASE("the limits of the service are enough for the default number of connections") {
  CHECK(limit("TasksMax") == limit("LimitNOFILE"));
  Process echod({"prlimit", "--nofile=" + limit("LimitNOFILE"), ECHOD_PATH, "--listen",
                 "127.0.0.1:0", "--log-level", "debug"});
  echod.wait_for_error("listening on ");
  echod.signal(SIGTERM);
  CHECK(echod.wait() == 0);
  CHECK(echod.errors().find("RLIMIT_NOFILE") == std::string::npos);
}

}  // namespace
}  // namespace echo::testing
