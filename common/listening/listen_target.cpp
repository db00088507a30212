#include "common/listening/listen_target.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <asio/ip/address.hpp>

#include "common/console.h"

namespace echo {
namespace {

bool is_literal(const std::string& host) {
  asio::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

// Of the unix sockets that have a file: abstract ones have none.
std::vector<std::string> directories_of(
    std::initializer_list<const std::vector<ListenTarget>*> all_targets) {
  constexpr std::string_view kFile = "unix:/";
  std::vector<std::string> result;
  for (const auto* targets : all_targets) {
    for (const ListenTarget& target : *targets) {
      const std::string text = to_text(target.endpoints.front());
      if (!text.starts_with(kFile)) continue;
      result.push_back(std::filesystem::path(text.substr(kFile.size() - 1)).parent_path());
    }
  }
  return result;
}

// Whoever else holds it may do so for long: then the user knows what the start waits for.
void lock(const std::string& path, int directory) {
  if (::flock(directory, LOCK_EX | LOCK_NB) == 0) return;
  if (errno == EWOULDBLOCK) {
    print_warning(fmt::format("{}: warning: waiting until another process unlocks {} (flock)",
                              program_invocation_short_name, path));
  }
  while (::flock(directory, LOCK_EX) != 0 && errno == EINTR) {
  }
}

}  // namespace

std::vector<ListenTarget> find_targets(const std::vector<Address>& addresses) {
  std::vector<ListenTarget> targets;
  for (const Address& address : addresses) {
    // ":7007" serves IPv4 on its IPv6 socket too; "[::]:7007" leaves IPv4 to "0.0.0.0:7007".
    targets.push_back({.endpoints = endpoints_to_listen(address),
                       .v6_only = !address.host.empty(),
                       .is_name = !address.host.empty() && !is_literal(address.host)});
  }
  return targets;
}

DirectoryLocks::DirectoryLocks(std::initializer_list<const std::vector<ListenTarget>*> targets) {
  // Each once, because a second lock would wait for the first; and all servers in one order.
  std::map<std::pair<dev_t, ino_t>, std::pair<std::string, Descriptor>> directories;
  for (const std::string& path : directories_of(targets)) {
    Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat status {};
    if (!directory || ::fstat(directory.get(), &status) != 0) continue;
    directories.try_emplace({status.st_dev, status.st_ino}, path, std::move(directory));
  }
  for (auto& [id, entry] : directories) {
    auto& [path, directory] = entry;
    lock(path, directory.get());
    directories_.push_back(std::move(directory));
  }
}

}  // namespace echo
