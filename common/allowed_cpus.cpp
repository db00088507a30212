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
  // cgroup v2, "cpu.max": quota and period in microseconds; the quota may be "max".
  for (const auto& name : cgroup_files(root, "cpu", "cpu.max")) {
    std::ifstream file(name);
    double quota = 0;
    double period = 0;
    if (file >> quota >> period && period > 0) cpus = std::min(cpus, quota / period);
  }
  return std::max(1U, static_cast<unsigned>(cpus));
}

}  // namespace echo
