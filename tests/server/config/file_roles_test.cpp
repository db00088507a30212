#include "server/config/file_roles.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "common/usage_error.h"
#include "tests/support/temporary_folder.h"

namespace echo::testing {
namespace {

std::string role_fault(const Options& options, const std::string& config_file = "") {
  try {
    check_file_roles(options, config_file);
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST_CASE("one file in two roles is refused however it is spelled") {
  const TemporaryFolder folder;
  const std::string file = folder.file("c");
  const std::string other_spelling = folder.path() + "/../" + folder.path().substr(5) + "/./c";
  Options options;
  options.log.file = other_spelling;
  const std::string expected = "--config and --log-file cannot both be " + other_spelling;
  CHECK(role_fault(options, file) == expected);  // neither is there
  write_file(file, "");
  CHECK(role_fault(options, file) == expected);
  CHECK(role_fault(options, folder.file("d")).empty());
  CHECK(role_fault(options).empty());
}

TEST_CASE("a link to a file is the file") {
  const TemporaryFolder folder;
  write_file(folder.file("c"), "");
  std::filesystem::create_hard_link(folder.file("c"), folder.file("hard"));
  std::filesystem::create_symlink(folder.file("c"), folder.file("soft"));
  Options options;
  options.port_file = folder.file("hard");
  CHECK(role_fault(options, folder.file("c")) ==
        "--config and --port-file cannot both be " + folder.file("hard"));
  options.port_file.clear();
  options.pid_file = folder.file("soft");
  CHECK(role_fault(options, folder.file("c")) ==
        "--config and --pid-file cannot both be " + folder.file("soft"));
}

TEST_CASE("a link to a file that does not exist yet is that file") {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("p", folder.file("relative"));
  std::filesystem::create_symlink(folder.file("relative"), folder.file("log"));
  std::filesystem::create_symlink("loop", folder.file("loop"));
  Options options;
  options.log.file = folder.file("log");
  options.port_file = folder.file("p");
  CHECK(role_fault(options) == "--log-file and --port-file cannot both be " + folder.file("p"));
  options.log.file = folder.file("loop");
  CHECK(role_fault(options).empty());
}

TEST_CASE("a unix socket is a file with a role") {
  const TemporaryFolder folder;
  const std::string path = folder.file("socket");
  Options options;
  options.listen = {Address::parse("unix:" + path)};
  options.port_file = folder.path() + "/./socket";
  CHECK(role_fault(options) == "--port-file and --listen cannot both be " + path);
  options.port_file.clear();
  options.metrics = Address::parse("unix:" + folder.path() + "//socket");
  CHECK(role_fault(options) ==
        "--listen and --metrics cannot both be " + folder.path() + "//socket");
  options.metrics = Address::parse("unix:@socket");
  options.listen = {Address::parse("unix:@socket")};
  CHECK(role_fault(options).empty());  // the file system has neither
}

TEST_CASE("a terminal or a pipe or the null device may have several roles") {
  const TemporaryFolder folder;
  const std::string fifo = folder.file("fifo");
  CHECK(::mkfifo(fifo.c_str(), 0600) == 0);
  for (const std::string& file : {fifo, std::string("/dev/null")}) {
    Options options;
    options.log.file = file;
    options.port_file = file;
    CHECK(role_fault(options).empty());
  }
}

TEST_CASE("a daemon needs whole paths") {
  Options options;
  options.log.file = "name";
  CHECK(role_fault(options).empty());
  options.daemon = true;
  CHECK(role_fault(options) == "--daemon: --log-file 'name' must begin with '/'");
  options.log.file = "/name";
  CHECK(role_fault(options).empty());
  CHECK(role_fault(options, "c") == "--daemon: --config 'c' must begin with '/'");
}

}  // namespace
}  // namespace echo::testing
