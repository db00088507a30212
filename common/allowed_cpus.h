#pragma once

#include <filesystem>

namespace echo {

// How many threads of this process can run at once: as many as the affinity mask has CPUs, or fewer
// where the quota of a control group is less. Whole ones, but at least 1. In `root`, for tests, are
// proc and sys.
unsigned allowed_cpus(const std::filesystem::path& root = "/");

}  // namespace echo
