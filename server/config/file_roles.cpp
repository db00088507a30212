#include "server/config/file_roles.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

#include "common/usage_error.h"

namespace echo {
namespace {

struct Role {
  std::string option;
  std::string path;
};

std::vector<Role> roles_of(const Options& options, const std::string& config_file) {
  std::vector<Role> roles{{"--config", config_file},
                          {"--log-file", options.log.file},
                          {"--port-file", options.port_file},
                          {"--pid-file", options.pid_file}};
  for (const Address& address : options.listen)
    roles.push_back({"--listen", address.socket_file()});
  if (options.metrics) roles.push_back({"--metrics", options.metrics->socket_file()});
  std::erase_if(roles, [](const Role& role) { return role.path.empty(); });
  return roles;
}

// What a path leads to: the file itself, or the directory and the name that it would get there.
struct Place {
  dev_t device = 0;
  ino_t inode = 0;
  std::string name;  // empty if the file exists

  bool operator==(const Place&) const = default;
};

// Nothing for a terminal, a pipe or /dev/null, which may have several roles, and where neither the
// file nor its directory can be examined.
std::optional<Place> place_of(std::filesystem::path path) {
  struct stat file {};
  if (::stat(path.c_str(), &file) == 0) {
    if (S_ISCHR(file.st_mode) || S_ISFIFO(file.st_mode)) return std::nullopt;
    return Place{file.st_dev, file.st_ino, ""};
  }
  // A link to a file that does not exist yet: opening it makes the file.
  constexpr int kMostLinks = 40;  // as in path_resolution(7)
  std::error_code error;
  for (int i = 0; i < kMostLinks && std::filesystem::is_symlink(path, error); ++i) {
    path = path.parent_path() / std::filesystem::read_symlink(path, error);
  }
  const std::filesystem::path directory = path.has_parent_path() ? path.parent_path() : ".";
  if (::stat(directory.c_str(), &file) != 0) return std::nullopt;
  return Place{file.st_dev, file.st_ino, path.filename().string()};
}

bool is_one_file(const std::string& one, const std::string& other) {
  if (one == other) {
    struct stat file {};
    return ::stat(one.c_str(), &file) != 0 || place_of(one).has_value();
  }
  const auto place = place_of(one);
  return place && place == place_of(other);
}

void check_once(const std::vector<Role>& roles) {
  for (auto one = roles.begin(); one != roles.end(); ++one) {
    for (auto other = std::next(one); other != roles.end(); ++other) {
      if (!is_one_file(one->path, other->path)) continue;
      throw UsageError(
          fmt::format("{} and {} cannot both be {}", one->option, other->option, other->path));
    }
  }
}

}  // namespace

void check_file_roles(const Options& options, const std::string& config_file) {
  const std::vector<Role> roles = roles_of(options, config_file);
  check_once(roles);
  if (!options.daemon) return;
  // A daemon changes to "/", so relative paths would break at SIGHUP.
  for (const auto& [option, path] : roles) {
    if (path.starts_with('/')) continue;
    throw UsageError(fmt::format("--daemon: {} '{}' must begin with '/'", option, path));
  }
}

}  // namespace echo
