#include "client/load/limits.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>

#include "common/descriptor_limit.h"

namespace echo::load {
namespace {

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

constexpr std::uint64_t kPerThread = 2;   // epoll, and the event that wakes it up
constexpr std::uint64_t kForResults = 8;  // files that are open during or after the run

// "MemAvailable:   123456 kB", in bytes.
std::uint64_t available_memory(const std::filesystem::path& root) {
  std::ifstream file(root / "proc/meminfo");
  std::string key;
  std::uint64_t kilobytes = 0;
  for (std::string unit; file >> key >> kilobytes; std::getline(file, unit)) {
    if (key == "MemAvailable:") return kilobytes * 1024;
  }
  return kUnlimited;
}

// What RLIMIT_AS leaves.
std::uint64_t address_space(const std::filesystem::path& root) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kUnlimited;
  std::ifstream file(root / "proc/self/statm");
  std::uint64_t pages = 0;
  file >> pages;
  const std::uint64_t used = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return limit.rlim_cur - std::min<std::uint64_t>(used, limit.rlim_cur);
}

std::string megabytes(std::uint64_t bytes) {
  return fmt::format("{} MiB", (bytes >> 20) + 1);
}

}  // namespace

std::uint64_t check_descriptors(std::uint64_t connections, std::uint64_t threads) {
  const std::uint64_t limit = descriptor_limit();
  const std::uint64_t needed =
      open_descriptors().value_or(0) + threads * kPerThread + kForResults + connections;
  if (needed > limit) {
    throw std::runtime_error(fmt::format(
        "{} connections need {} descriptors, and the limit is {}: raise it (ulimit -Hn, "
        "LimitNOFILE=) or ask for fewer --connections",
        connections, needed, limit));
  }
  return limit - needed;
}

void check_ports(std::uint64_t connections, std::size_t sources,
                 const std::filesystem::path& root) {
  std::ifstream file(root / "proc/sys/net/ipv4/ip_local_port_range");
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (!(file >> first >> last) || last < first) return;
  const std::uint64_t ports = last - first + 1;
  const std::uint64_t addresses = std::max<std::uint64_t>(sources, 1);
  if (connections <= ports * addresses) return;
  throw std::runtime_error(fmt::format(
      "{} connections need as many ports, and {} source address{} {} in all "
      "(net.ipv4.ip_local_port_range): give more --source or ask for fewer --connections",
      connections, addresses, addresses == 1 ? " has" : "es have", ports * addresses));
}

void check_memory(std::uint64_t connections, std::uint64_t bytes_per_connection,
                  const std::filesystem::path& root) {
  const std::uint64_t needed = connections * bytes_per_connection;
  const std::uint64_t available = std::min(available_memory(root), address_space(root));
  if (needed <= available) return;
  throw std::runtime_error(
      fmt::format("{} connections need {} of memory, and {} are available: ask for fewer "
                  "--connections or a smaller --pipeline",
                  connections, megabytes(needed), megabytes(available)));
}

}  // namespace echo::load
