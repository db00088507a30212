#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace echo {

// Where the limits of this process's control group may stand, such as "pids.max" of the controller
// "pids": a file for the group and for each one that it is in, since the limit of a group holds for
// all groups below. Those that set no limit have no such file. In `root` are proc and sys.
std::vector<std::filesystem::path> cgroup_files(const std::filesystem::path& root,
                                                std::string_view controller, std::string_view file);

}  // namespace echo
