#include "common/allowed_cpus.h"

#include <sched.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "common/cgroup.h"

namespace echo {

unsigned allowed_cpus(const std::filesystem::path& root) {
  cpu_set_t set;
  double cpus = ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set)
                                                              : std::thread::hardware_concurrency();
  // In microseconds: "cpu.max" of version 2 has quota and period, and the quota may be "max"; in
  // version 1 each has a file, and a quota of -1 is none.
  for (const auto& name : cgroup_files(root, "cpu", "cpu.max")) {
    std::ifstream file(name);
    double quota = 0;
    double period = 0;
    if (file >> quota >> period && period > 0) cpus = std::min(cpus, quota / period);
  }
  for (const auto& name : cgroup_files(root, "cpu", "cpu.cfs_quota_us")) {
    std::ifstream quotas(name);
    std::ifstream periods(name.parent_path() / "cpu.cfs_period_us");
    double quota = 0;
    double period = 0;
    if (quotas >> quota && periods >> period && quota > 0 && period > 0) {
      cpus = std::min(cpus, quota / period);
    }
  }
  return std::max(1U, static_cast<unsigned>(cpus));
}

}  // namespace echo
