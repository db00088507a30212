#include "common/monitoring/process_metrics.h"

#include <unistd.h>

#include <cstdint>
#include <ctime>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "common/descriptor_limit.h"

namespace echo {
namespace {

// proc(5), /proc/pid/stat, as far as it is of use here.
struct ProcessStat {
  std::uint64_t threads = 0;
  std::uint64_t started = 0;  // clock ticks after boot
  std::uint64_t virtual_bytes = 0;
  std::uint64_t resident_pages = 0;
};

bool read_stat(ProcessStat& stat) {
  std::ifstream file("/proc/self/stat");
  // The second field is a name in brackets, which may contain anything.
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name_end = text.rfind(')');
  if (name_end == text.npos) return false;
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field < 20; ++field) fields >> skipped;
  fields >> stat.threads >> skipped >> stat.started >> stat.virtual_bytes >> stat.resident_pages;
  return !fields.fail();
}

// Seconds since 1970; 0 where it can't be read.
std::uint64_t boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    std::uint64_t seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
  }
  return 0;
}

void add_descriptors(MetricFamilies& metrics) {
  if (const auto open = open_descriptors()) {
    metrics.gauge("process_open_fds", "Number of open file descriptors.", {*open});
  }
  metrics.gauge("process_max_fds", "Maximum number of open file descriptors.",
                {descriptor_limit()});
}

}  // namespace

void add_process_metrics(MetricFamilies& metrics) {
  timespec cpu{};
  if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) == 0) {
    metrics.counter("process_cpu_seconds_total", "User and system CPU time spent in seconds.",
                    {static_cast<double>(cpu.tv_sec) + static_cast<double>(cpu.tv_nsec) * 1e-9});
  }
  add_descriptors(metrics);
  ProcessStat stat;
  if (!read_stat(stat)) return;
  metrics.gauge("process_threads", "Number of OS threads in the process.", {stat.threads});
  metrics.gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.",
                {stat.virtual_bytes});
  metrics.gauge("process_resident_memory_bytes", "Resident memory size in bytes.",
                {stat.resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))});
  if (const std::uint64_t boot = boot_time(); boot > 0) {
    const double after_boot =
        static_cast<double>(stat.started) / static_cast<double>(::sysconf(_SC_CLK_TCK));
    metrics.gauge("process_start_time_seconds",
                  "Start time of the process since unix epoch in seconds.",
                  {static_cast<double>(boot) + after_boot});
  }
}

}  // namespace echo
