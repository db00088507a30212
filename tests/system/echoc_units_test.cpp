#include <doctest/doctest.h>

#include <string>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/has_systemd.h"

namespace echo::testing {
namespace {

TEST_CASE("systemd takes the unit of a ping without a remark") {
  if (!has_systemd()) return;
  // It looks whether the program is there, which need not be installed yet.
  const TemporaryFolder folder;
  std::string service = read_file(PING_SERVICE);
  const std::size_t begin = service.find("\nExecStart=") + 11;
  const std::size_t end = service.find(' ', begin);
  REQUIRE(begin < end);
  service.replace(begin, end - begin, '"' + std::string(ECHOC_PATH) + '"');
  write_file(folder.file("echoc-ping.service"), service);
  const Finished run =
      run_program({"systemd-analyze", "verify", "--man=no", folder.file("echoc-ping.service")});
  CHECK(run.status == 0);
  CHECK(run.output == "");
  CHECK(run.errors == "");
}

TEST_CASE("the unit of a ping is exposed to 2.0 at most") {
  if (!has_systemd()) return;
  const Finished run =
      run_program({"systemd-analyze", "security", "--offline=yes", "--threshold=20", PING_SERVICE});
  CAPTURE(run.output);
  CHECK(run.status == 0);
  CHECK(run.output.find("Overall exposure level for echoc-ping.service") != run.output.npos);
}

}  // namespace
}  // namespace echo::testing
