#include "common/cgroup.h"

#include <fstream>
#include <string>
#include <utility>

namespace echo {
namespace {

namespace fs = std::filesystem;

// Of a list such as "cpu,cpuacct".
bool has(const std::string& controllers, std::string_view controller) {
  const std::string list = ',' + controllers + ',';
  return list.find(',' + std::string(controller) + ',') != list.npos;
}

// The folder of this process's group among those of the controller, below the folder of all; see
// cgroups(7), "/proc files". Version 1 has a tree for each controller, version 2 one for all.
std::pair<fs::path, fs::path> group_of(const fs::path& root, std::string_view controller) {
  std::ifstream lines(root / "proc/self/cgroup");
  fs::path all = root / "sys/fs/cgroup";
  fs::path own;
  for (std::string id, controllers, path; std::getline(lines, id, ':') &&
                                          std::getline(lines, controllers, ':') &&
                                          std::getline(lines, path);) {
    if (has(controllers, controller)) return {all / controller, fs::path(path).relative_path()};
    if (controllers.empty()) own = fs::path(path).relative_path();
  }
  return {all, own};
}

}  // namespace

std::vector<fs::path> cgroup_files(const fs::path& root, std::string_view controller,
                                   std::string_view file) {
  const auto [all, own] = group_of(root, controller);
  std::vector<fs::path> files{all / file};
  fs::path folder = all;
  for (const fs::path& part : own) {
    folder /= part;
    files.push_back(folder / file);
  }
  return files;
}

}  // namespace echo
