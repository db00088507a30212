#include "common/output_file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "common/descriptor.h"
#include "common/thread.h"
#include "tests/support/eventually.h"
#include "tests/support/temporary_folder.h"

namespace echo {
namespace {

using testing::eventually;
using testing::read_file;
using testing::TemporaryFolder;
using testing::write_file;

std::ptrdiff_t files_in(const TemporaryFolder& folder) {
  return std::distance(std::filesystem::directory_iterator(folder.path()), {});
}

unsigned mode_of(const std::string& file) {
  struct stat status {};
  CHECK(::stat(file.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

void write_whole(const std::string& path, const std::string& text) {
  OutputFile file(path);
  file.write(text);
  CHECK(file.finish() == 0);
}

TEST_CASE("a file is replaced as a whole when it is complete") {
  const TemporaryFolder folder;
  write_file(folder.file("x"), "old");
  OutputFile file(folder.file("x"));
  file.write("new ");
  file.write("text");
  CHECK(read_file(folder.file("x")) == "old");
  CHECK(file.finish() == 0);
  CHECK(read_file(folder.file("x")) == "new text");
  CHECK(files_in(folder) == 1);
}

TEST_CASE("a file that is never finished stays as it was") {
  const TemporaryFolder folder;
  write_file(folder.file("x"), "old");
  for (const char* name : {"x", "y"}) {
    OutputFile file(folder.file(name));
    file.write("new");
  }
  CHECK(read_file(folder.file("x")) == "old");
  CHECK(files_in(folder) == 1);
}

TEST_CASE("a file that is not complete has no name that a killed program would leave") {
  const TemporaryFolder folder;
  if (!Descriptor(::open(folder.path().c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600))) {
    MESSAGE("skipped: needs O_TMPFILE");
    return;
  }
  write_file(folder.file("x"), "old");
  OutputFile replaced(folder.file("x"));
  OutputFile fresh(folder.file("y"));
  CHECK(replaced.is_replaced());
  CHECK(fresh.is_replaced());
  CHECK(files_in(folder) == 1);
  CHECK(replaced.finish() == 0);
  CHECK(fresh.finish() == 0);
  CHECK(files_in(folder) == 2);
}

TEST_CASE("a new file has the permissions that the umask leaves and a replaced one keeps its own") {
  const TemporaryFolder folder;
  const mode_t umask = ::umask(027);
  write_whole(folder.file("new"), "text");
  ::umask(umask);
  CHECK(mode_of(folder.file("new")) == 0640);
  CHECK(::chmod(folder.file("new").c_str(), 0604) == 0);
  write_whole(folder.file("new"), "again");
  CHECK(mode_of(folder.file("new")) == 0604);
  CHECK(read_file(folder.file("new")) == "again");
}

TEST_CASE("a link is followed even if there is nothing behind it yet") {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("target", folder.file("link"));
  for (const char* text : {"first", "second"}) {
    write_whole(folder.file("link"), text);
    CHECK(std::filesystem::is_symlink(folder.file("link")));
    CHECK(read_file(folder.file("target")) == text);
  }
  CHECK(files_in(folder) == 2);
}

TEST_CASE("a name as long as a name can be is written") {
  const TemporaryFolder folder;
  const std::string longest = folder.file(std::string(255, 'x'));
  write_whole(longest, "text");
  CHECK(read_file(longest) == "text");
}

TEST_CASE("a file that cannot be written is refused when it is opened") {
  const TemporaryFolder folder;
  const auto refusal = [](const std::string& path) -> std::string {
    try {
      OutputFile file(path);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "accepted";
  };
  const std::string missing = folder.file("none/x");
  CHECK(refusal(missing) == "cannot write " + missing + ": No such file or directory");
  CHECK(refusal(folder.path()) == "cannot write " + folder.path() + ": Is a directory");
  CHECK(refusal("") == "cannot write : No such file or directory");
}

TEST_CASE("a pipe is written into and not replaced") {
  const TemporaryFolder folder;
  const std::string path = folder.file("pipe");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const Descriptor reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  OutputFile file(path);
  file.write("live");
  std::string text(10, '\0');
  CHECK(::read(reader.get(), text.data(), text.size()) == 4);
  CHECK(text.starts_with("live"));
  CHECK(file.finish() == 0);
  CHECK(std::filesystem::is_fifo(path));
}

TEST_CASE(
    "a reader that takes nothing is not waited for before the end and then until interrupted") {
  const TemporaryFolder folder;
  const std::string path = folder.file("pipe");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const Descriptor reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  OutputFile file(path);
  const std::string more_than_fits(1024 * 1024, 'x');
  file.write(more_than_fits);
  CHECK(file.error() == 0);
  WakeEvent interrupt;
  interrupt.signal();
  CHECK(file.finish(interrupt.descriptor()) == EINTR);
}

TEST_CASE("a pipe need not have a reader before the end") {
  const TemporaryFolder folder;
  const std::string path = folder.file("pipe");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  OutputFile file(path);
  file.write("early ");
  CHECK(file.error() == 0);
  std::string received;
  Thread reader("reader", [&] { received = read_file(path); });
  file.write("late");
  CHECK(file.finish() == 0);
  reader.join();
  CHECK(received == "early late");
}

// The state letter of proc_pid_stat(5) of this process's thread with that name.
bool sleeps(const std::string& thread) {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    const std::string stat = read_file(task.path() / "stat");
    const std::string name = "(" + thread + ") ";
    const auto found = stat.find(name);
    if (found != std::string::npos) return stat.at(found + name.size()) == 'S';
  }
  return false;
}

TEST_CASE("a reader that comes to a pipe after the end is served") {
  const TemporaryFolder folder;
  const std::string path = folder.file("pipe");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  OutputFile file(path);
  file.write("text");
  Thread writer("writer", [&] { CHECK(file.finish() == 0); });
  CHECK(eventually([] { return sleeps("writer"); }));
  CHECK(read_file(path) == "text");
  writer.join();
}

TEST_CASE("a pipe that gets no reader is waited for until interrupted") {
  const TemporaryFolder folder;
  const std::string path = folder.file("pipe");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  OutputFile file(path);
  file.write("text");
  WakeEvent interrupt;
  Thread signal("signal", [&] { interrupt.signal(); });
  CHECK(file.finish(interrupt.descriptor()) == EINTR);
}

TEST_CASE("a full device is an error as soon as it is written to") {
  OutputFile file("/dev/full");
  CHECK(file.error() == 0);
  file.write("text");
  CHECK(file.error() == ENOSPC);
  CHECK(file.finish() == ENOSPC);
}

TEST_CASE("a file beside which there can be no other is written in place when it is complete") {
  const TemporaryFolder folder;
  write_file(folder.file("x"), "a longer text than the next");
  const Descriptor nameless(::open(folder.file("x").c_str(), O_RDWR | O_CLOEXEC));
  std::filesystem::remove(folder.file("x"));
  const std::string path = "/proc/self/fd/" + std::to_string(nameless.get());
  OutputFile file(path);
  file.write("new");
  CHECK(read_file(path) == "a longer text than the next");
  CHECK(file.finish() == 0);
  CHECK(read_file(path) == "new");
}

TEST_CASE("two paths of one file or pipe have the same identity and no others") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.file("deep"));
  write_file(folder.file("x"), "");
  write_file(folder.file("y"), "");
  std::filesystem::create_symlink("x", folder.file("link"));
  std::filesystem::create_symlink("new", folder.file("to_new"));
  REQUIRE(::mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  const std::string x = output_identity(folder.file("x"));
  CHECK(x != "");
  CHECK(output_identity(folder.file("link")) == x);
  CHECK(output_identity(folder.file("deep/../x")) == x);
  CHECK(output_identity(folder.file("y")) != x);
  CHECK(output_identity(folder.file("pipe")) != "");
  const std::string new_file = output_identity(folder.file("new"));
  CHECK(new_file != "");
  CHECK(output_identity(folder.file("to_new")) == new_file);
  CHECK(output_identity(folder.file("deep/../new")) == new_file);
  CHECK(output_identity(folder.file("other")) != new_file);
  CHECK(output_identity("/dev/null") == "");
}

}  // namespace
}  // namespace echo
