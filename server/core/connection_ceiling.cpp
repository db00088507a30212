#include "server/core/connection_ceiling.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>

#include "common/cgroup.h"
#include "common/descriptor_limit.h"
#include "common/units.h"
#include "server/core/buffer.h"

namespace echo {
namespace {

namespace fs = std::filesystem;

// For what is opened while clients are served: the one that is refused, a log file, a configuration
// file, scrapers and what is read for them.
constexpr std::uint64_t kSpareDescriptors = 8;

// Main, listener, timers, logging, metrics, a worker that ends while its successor starts, and two
// to be sure.
constexpr std::uint64_t kSpareThreads = 8;

// Nothing where the file is missing or says "max".
std::optional<std::uint64_t> number_in(const fs::path& file) {
  std::uint64_t number = 0;
  if (std::ifstream(file) >> number) return number;
  return std::nullopt;
}

std::uint64_t soft_limit(__rlimit_resource resource) {
  rlimit limit{};
  return ::getrlimit(resource, &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY;
}

std::uint64_t entries(const fs::path& folder) {
  std::error_code error;
  std::uint64_t count = 0;
  for (fs::directory_iterator entry(folder, error); !error && entry != end(entry);
       entry.increment(error)) {
    ++count;
  }
  return count;
}

// Of other processes: those of this one are among the spare ones.
std::uint64_t threads_of_user(const fs::path& root, uid_t user) {
  std::error_code error;
  std::uint64_t count = 0;
  for (fs::directory_iterator entry(root / "proc", error); !error && entry != end(entry);
       entry.increment(error)) {
    const std::string name = entry->path().filename();
    struct stat status {};
    if (name.find_first_not_of("0123456789") != name.npos || name == std::to_string(::getpid()) ||
        ::stat(entry->path().c_str(), &status) != 0 || status.st_uid != user) {
      continue;
    }
    count += entries(entry->path() / "task");
  }
  return count;
}

// loadavg is "0.20 0.18 0.12 1/80 11206": runnable and all threads are in the fourth field.
std::uint64_t threads_of_system(const fs::path& root) {
  std::ifstream file(root / "proc/loadavg");
  std::string skipped;
  std::uint64_t count = 0;
  for (int i = 0; i < 3; ++i) file >> skipped;
  std::getline(file, skipped, '/');
  return file >> count ? count : 0;
}

void lower(ConnectionCeiling& ceiling, std::uint64_t limit, std::uint64_t taken,
           std::string_view reason) {
  const std::uint64_t left = std::max<std::uint64_t>(limit, taken + 1) - taken;
  if (left >= ceiling.connections) return;
  ceiling = {.connections = left, .reason = fmt::format(fmt::runtime(reason), limit)};
}

// Half of the memory that a control group may have is for connections: each may have a large buffer
// and what its thread touches, its kernel stack included. Version 2 counts what the kernel holds of
// its bytes too, of which only the unsent ones are bounded; the kernel shrinks windows when a group
// is short of memory.
void lower_for_memory(ConnectionCeiling& ceiling, const fs::path& root) {
  constexpr std::uint64_t kThread = std::uint64_t{32} * 1024;
  constexpr std::uint64_t kSocket = std::uint64_t{256} * 1024;
  constexpr std::uint64_t kPerConnection = Buffer::kLarge + kThread;
  const auto lower_for = [&](std::string_view file, std::uint64_t cost) {
    for (const fs::path& path : cgroup_files(root, "memory", file)) {
      const auto limit = number_in(path);
      if (!limit || *limit / 2 / cost >= ceiling.connections) continue;
      ceiling = {.connections = std::max<std::uint64_t>(*limit / 2 / cost, 1),
                 .reason = fmt::format("at most {} of memory ({} of the control group)",
                                       size_text(*limit), file)};
    }
  };
  lower_for("memory.max", kPerConnection + kSocket);
  lower_for("memory.limit_in_bytes", kPerConnection);
}

}  // namespace

ConnectionCeiling ConnectionCeiling::of_this_process(const fs::path& root,
                                                     bool threads_are_shared) {
  ConnectionCeiling ceiling;
  lower(ceiling, descriptor_limit(), open_descriptors(root).value_or(0) + kSpareDescriptors,
        "at most {} open files (RLIMIT_NOFILE)");
  lower_for_memory(ceiling, root);
  if (threads_are_shared) return ceiling;
  // setrlimit(2): it does not hold for root.
  if (::getuid() != 0) {
    lower(ceiling, soft_limit(RLIMIT_NPROC), kSpareThreads + threads_of_user(root, ::getuid()),
          "at most {} threads of this user (RLIMIT_NPROC)");
  }
  const std::uint64_t all = kSpareThreads + threads_of_system(root);
  if (const auto limit = number_in(root / "proc/sys/kernel/threads-max")) {
    lower(ceiling, *limit, all, "at most {} threads (kernel.threads-max)");
  }
  if (const auto limit = number_in(root / "proc/sys/kernel/pid_max")) {
    lower(ceiling, *limit, all, "at most {} threads (kernel.pid_max)");
  }
  for (const fs::path& file : cgroup_files(root, "pids", "pids.max")) {
    if (const auto limit = number_in(file)) {
      const auto taken = number_in(file.parent_path() / "pids.current").value_or(0);
      lower(ceiling, *limit, kSpareThreads + taken,
            "at most {} threads (pids.max of the control group)");
    }
  }
  return ceiling;
}

}  // namespace echo
