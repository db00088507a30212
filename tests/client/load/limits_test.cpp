#include "client/load/limits.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "common/descriptor_limit.h"
#include "tests/support/temporary_folder.h"

namespace echo::load {
namespace {

using testing::TemporaryFolder;

void write(const TemporaryFolder& folder, const std::string& name, const std::string& text) {
  const std::filesystem::path path(folder.file(name));
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

TEST_CASE("more connections than descriptors are refused and fewer leave the rest") {
  const std::uint64_t limit = descriptor_limit();
  CHECK(check_descriptors(1, 1) < limit);
  CHECK(check_descriptors(2, 1) + 1 == check_descriptors(1, 1));
  CHECK_THROWS_AS(check_descriptors(limit, 1), std::runtime_error);
}

TEST_CASE("each source address has its ports") {
  const TemporaryFolder folder;
  write(folder, "proc/sys/net/ipv4/ip_local_port_range", "40000\t40099\n");
  check_ports(100, 0, folder.path());
  check_ports(300, 3, folder.path());
  CHECK_THROWS_WITH_AS(check_ports(101, 0, folder.path()),
                       "101 connections need as many ports, and 1 source address has 100 in all "
                       "(net.ipv4.ip_local_port_range): give more --source or ask for fewer "
                       "--connections",
                       std::runtime_error);
  CHECK_THROWS_AS(check_ports(301, 3, folder.path()), std::runtime_error);
}

TEST_CASE("more memory than is available is refused") {
  const TemporaryFolder folder;
  write(folder, "proc/meminfo", "MemTotal: 9999999 kB\nMemFree: 10 kB\nMemAvailable: 2048 kB\n");
  check_memory(2, 1 << 20, folder.path());
  CHECK_THROWS_WITH_AS(check_memory(3, 1 << 20, folder.path()),
                       "3 connections need 4 MiB of memory, and 3 MiB are available: ask for fewer "
                       "--connections or a smaller --pipeline",
                       std::runtime_error);
}

TEST_CASE("what cannot be read is taken for enough") {
  const TemporaryFolder folder;
  check_ports(1'000'000, 0, folder.path());
}

}  // namespace
}  // namespace echo::load
