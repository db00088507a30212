#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

Echod echod_with(const std::string& pid_file) {
  return Echod({"--listen", "127.0.0.1:0", "--pid-file", pid_file});
}

std::string refusal(const std::string& pid_file) {
  const Finished run = run_program({ECHOD_PATH, "--listen", "127.0.0.1:0", "--pid-file", pid_file});
  CHECK(run.status == 1);
  CHECK(run.output.empty());
  const std::string start = "echod: cannot use the pid file " + pid_file + ": ";
  CHECK(run.errors.starts_with(start));
  return run.errors.substr(std::min(start.size(), run.errors.size()));
}

// The id of a process that has ended.
pid_t ended_process() {
  Process process({"true"});
  process.wait();
  return process.id();
}

TEST_CASE("the pid file names the process while it serves and is gone with it") {
  const TemporaryFolder folder;
  Echod echod = echod_with(folder.file("pid"));
  CHECK(read_file(folder.file("pid")) == std::to_string(echod.id()) + "\n");
  CHECK(echod.stop() == 0);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("the pid file that a killed process left is taken over") {
  const TemporaryFolder folder;
  const std::string file = folder.file("pid");
  {
    Echod killed = echod_with(file);
    killed.process().signal(SIGKILL);
    killed.process().wait();
  }
  for (const std::string& stale :
       {read_file(file), std::to_string(ended_process()), std::string()}) {
    CAPTURE(stale);
    write_file(file, stale);
    Echod echod = echod_with(file);
    CHECK(read_file(file) == std::to_string(echod.id()) + "\n");
    CHECK(echod.stop() == 0);
  }
}

TEST_CASE("a pid file is refused while another echod holds it") {
  const TemporaryFolder folder;
  Echod first = echod_with(folder.file("pid"));
  CHECK(refusal(folder.file("pid")) == "process " + std::to_string(first.id()) + " holds it\n");
  CHECK(read_file(folder.file("pid")) == std::to_string(first.id()) + "\n");
  CHECK(first.stop() == 0);
}

TEST_CASE("a file that is none of ours is refused and stays as it is") {
  const TemporaryFolder folder;
  const std::string file = folder.file("file");
  for (const char* text :
       {"precious\n", "12 34\n", "-1\n", "0\n", "\n", "99999999999999999999\n"}) {
    CAPTURE(text);
    write_file(file, text);
    CHECK(refusal(file) == "has something else than a process id\n");
    CHECK(read_file(file) == text);
  }
  std::filesystem::create_symlink(folder.file("target"), folder.file("link"));
  CHECK(refusal(folder.file("link")) == "is a symbolic link\n");
  CHECK_FALSE(std::filesystem::exists(folder.file("target")));
  CHECK(refusal(folder.path()) == "Is a directory\n");
  CHECK(refusal("/dev/null") == "is not a regular file\n");
}

TEST_CASE("a living process that does not hold the pid file does not keep echod from it") {
  const TemporaryFolder folder;
  const std::string file = folder.file("pid");
  const std::string me = std::to_string(::getpid());
  write_file(file, me + "\n");
  Echod echod = echod_with(file);
  CHECK(read_file(file) == std::to_string(echod.id()) + "\n");
  CHECK(echod.log().starts_with("echod: warning: the pid file " + file + " names process " + me));
  CHECK(echod.stop() == 0);
}

TEST_CASE("a pid file that was replaced while it served is not removed") {
  const TemporaryFolder folder;
  Echod echod = echod_with(folder.file("pid"));
  write_file(folder.file("pid"), "another\n");
  CHECK(echod.stop() == 0);
  CHECK(read_file(folder.file("pid")) == "another\n");
}

TEST_CASE("a start that fails leaves no pid file") {
  const TemporaryFolder folder;
  const Finished run =
      run_program({ECHOD_PATH, "--listen", "192.0.2.1:0", "--pid-file", folder.file("pid")});
  CHECK(run.status == 1);
  CHECK(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace echo::testing
