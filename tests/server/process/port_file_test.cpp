#include "server/process/port_file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace echo {
namespace {

using testing::read_file;
using testing::TemporaryFolder;

const std::vector<std::string> kAddresses{"127.0.0.1:1", "unix:/two"};
const std::string kText = "127.0.0.1:1\nunix:/two\n";

void write_to(const std::string& path) {
  PortFile(path).write(kAddresses);
}

TEST_CASE("a port file names each address on a line and goes with its owner") {
  const TemporaryFolder folder;
  {
    PortFile file(folder.file("port"));
    file.write(kAddresses);
    CHECK(read_file(folder.file("port")) == kText);
    CHECK(std::filesystem::directory_iterator(folder.path()) !=
          std::filesystem::directory_iterator());
  }
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("an address is a line of the port file whatever is in its name") {
  const TemporaryFolder folder;
  PortFile file(folder.file("port"));
  file.write({"unix:/a\nb", "127.0.0.1:1"});
  CHECK(read_file(folder.file("port")) == "unix:/a\\x0ab\n127.0.0.1:1\n");
}

TEST_CASE("a port file that was never written is not removed") {
  const TemporaryFolder folder;
  std::ofstream(folder.file("port")) << "other";
  { const PortFile file(folder.file("port")); }
  CHECK(read_file(folder.file("port")) == "other");
}

TEST_CASE("a port file that another has replaced stays") {
  const TemporaryFolder folder;
  std::optional<PortFile> file(folder.file("port"));
  file->write(kAddresses);
  testing::write_file(folder.file("port"), "other");
  file.reset();
  CHECK(read_file(folder.file("port")) == "other");
}

TEST_CASE("a file that has the inode of a port file that is gone stays") {
  const TemporaryFolder folder;
  std::optional<PortFile> file(folder.file("port"));
  file->write(kAddresses);
  // As if made anew: which number a new file gets is up to the file system.
  std::ofstream(folder.file("port")) << "other";
  std::filesystem::last_write_time(
      folder.file("port"), std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
  file.reset();
  CHECK(read_file(folder.file("port")) == "other");
}

TEST_CASE("links at the port file and at temporary names of it are not followed") {
  const TemporaryFolder folder;
  std::ofstream(folder.file("victim")) << "precious";
  std::filesystem::create_symlink(folder.file("victim"), folder.file("port"));
  std::filesystem::create_symlink(folder.file("victim"), folder.file("port.new"));
  PortFile file(folder.file("port"));
  file.write(kAddresses);
  CHECK(read_file(folder.file("victim")) == "precious");
  CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(folder.file("port"))));
  CHECK(read_file(folder.file("port")) == kText);
}

TEST_CASE("a FIFO is written into before its reader is there and stays") {
  const TemporaryFolder folder;
  REQUIRE(::mkfifo(folder.file("port").c_str(), 0600) == 0);
  {
    PortFile file(folder.file("port"));
    file.write(kAddresses);
    const Descriptor reader(::open(folder.file("port").c_str(), O_RDONLY | O_NONBLOCK));
    std::array<char, 100> text{};
    const ssize_t got = ::read(reader.get(), text.data(), text.size());
    CHECK(std::string(text.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))) == kText);
  }
  CHECK(std::filesystem::is_fifo(folder.file("port")));
}

TEST_CASE("a device is written into and stays a device") {
  write_to("/dev/null");
  CHECK(std::filesystem::is_character_file("/dev/null"));
}

TEST_CASE("a link to standard output is written into and stays") {
  const TemporaryFolder folder;
  const Descriptor saved(::dup(STDOUT_FILENO));
  {
    const Descriptor output(
        ::open(folder.file("output").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    ::dup2(output.get(), STDOUT_FILENO);
  }
  std::filesystem::create_symlink("/proc/self/fd/1", folder.file("stdout"));
  write_to(folder.file("stdout"));
  ::dup2(saved.get(), STDOUT_FILENO);
  CHECK(read_file(folder.file("output")) == kText);
  CHECK(std::filesystem::is_symlink(folder.file("stdout")));
}

TEST_CASE("a port file that cannot be written is an error that names it") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH_AS(write_to("/nowhere/port"),
                       "cannot write the port file /nowhere/port: No such file or directory",
                       std::runtime_error);
  const std::string text = "cannot write the port file " + folder.path() + ": Is a directory";
  CHECK_THROWS_WITH_AS(write_to(folder.path()), text.c_str(), std::runtime_error);
  CHECK(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace echo
