#include "server/core/ceiling.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include "server/core/cgroup.h"

namespace echo {
namespace {

namespace fs = std::filesystem;

// For what is opened while clients are served: the one that is refused, a log file, a configuration
// file, three scrapers and what is read for them.
constexpr std::uint64_t kSpareDescriptors = 8;

// Main, listener, timers, logging, three for scrapers, a worker that ends while its successor
// starts.
constexpr std::uint64_t kSpareThreads = 8;

// Nothing where the file is missing or says "max".
std::optional<std::uint64_t> number_in(const fs::path& file) {
  std::uint64_t number = 0;
  if (std::ifstream(file) >> number) return number;
  return std::nullopt;
}

std::uint64_t open_descriptors(const fs::path& root) {
  std::error_code error;
  const fs::directory_iterator entries(root / "proc/self/fd", error);
  return error ? 0 : static_cast<std::uint64_t>(std::distance(begin(entries), end(entries)));
}

std::uint64_t soft_limit(__rlimit_resource resource) {
  rlimit limit{};
  return ::getrlimit(resource, &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY;
}

void lower(Ceiling& ceiling, std::uint64_t limit, std::uint64_t taken, std::string_view reason) {
  const std::uint64_t left = std::max<std::uint64_t>(limit, taken + 1) - taken;
  if (left >= ceiling.connections) return;
  ceiling = {.connections = left, .reason = fmt::format(fmt::runtime(reason), limit)};
}

}  // namespace

Ceiling Ceiling::of_this_process(const fs::path& root) {
  Ceiling ceiling;
  lower(ceiling, soft_limit(RLIMIT_NOFILE), open_descriptors(root) + kSpareDescriptors,
        "at most {} open files (RLIMIT_NOFILE)");
  // setrlimit(2): it does not hold for root.
  if (::getuid() != 0) {
    lower(ceiling, soft_limit(RLIMIT_NPROC), kSpareThreads,
          "at most {} threads of this user (RLIMIT_NPROC)");
  }
  if (const auto limit = number_in(root / "proc/sys/kernel/threads-max")) {
    lower(ceiling, *limit, kSpareThreads, "at most {} threads (kernel.threads-max)");
  }
  if (const auto limit = number_in(root / "proc/sys/kernel/pid_max")) {
    lower(ceiling, *limit, kSpareThreads, "at most {} threads (kernel.pid_max)");
  }
  for (const fs::path& file : cgroup_files(root, "pids", "pids.max")) {
    if (const auto limit = number_in(file)) {
      lower(ceiling, *limit, kSpareThreads, "at most {} threads (pids.max of the control group)");
    }
  }
  return ceiling;
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);  // where it is refused the ceiling is lower, no more
}

}  // namespace echo
