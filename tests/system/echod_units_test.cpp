#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/has_systemd.h"

namespace echo::testing {
namespace {

// The value of the first line such as "LimitNOFILE=10240" of the service.
std::string setting(const std::string& name) {
  const std::string text = read_file(ECHOD_SERVICE);
  const std::size_t begin = text.find("\n" + name + "=") + name.size() + 2;
  return text.substr(begin, text.find('\n', begin) - begin);
}

TEST_CASE("systemd takes both units without a remark") {
  if (!has_systemd()) return;
  // It looks whether the program and the manual page are there, which need not be installed yet.
  const TemporaryFolder folder;
  std::string service = read_file(ECHOD_SERVICE);
  const std::string echod = '"' + std::string(ECHOD_PATH) + '"';
  const std::string program = setting("ExecStart").substr(0, setting("ExecStart").find(' '));
  for (auto at = service.find(program + ' '); at != service.npos;
       at = service.find(program + ' ', at + echod.size())) {
    service.replace(at, program.size(), echod);
  }
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

TEST_CASE("the limits of the service leave the number of connections to the option") {
  CHECK(setting("TasksMax") == "infinity");
  CHECK(std::stoul(setting("LimitNOFILE")) >= 500'000);
}

TEST_CASE("the service writes no heartbeat to the journal unless it is asked to") {
  CHECK(setting("Environment") == "\"ECHOD_OPTIONS=--heartbeat 0\"");
}

TEST_CASE("a reload of the service checks the configuration before it sends a signal") {
  const std::string text = read_file(ECHOD_SERVICE);
  const std::size_t check = text.find("/echod --check-config $ECHOD_OPTIONS\n");
  const std::size_t signal = text.find("\nExecReload=/bin/sh -c 'kill -HUP $MAINPID'\n");
  CHECK(check != text.npos);
  CHECK(signal != text.npos);
  CHECK(check < signal);
}

// Without /proc/stat there is no process_start_time_seconds.
TEST_CASE("the service may read when the machine was started") {
  CHECK(read_file(ECHOD_SERVICE).find("\nProcSubset=pid") == std::string::npos);
}

}  // namespace
}  // namespace echo::testing
