#include "common/listening/listen_target.h"

#include <fcntl.h>
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

namespace echo {
namespace {

bool is_literal(const std::string& host) {
  asio::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

std::string directory_of(const Endpoint& endpoint) {
  const std::string path = to_text(endpoint).substr(std::string_view("unix:").size());
  const std::string directory = std::filesystem::path(path).parent_path();
  return directory.empty() ? "." : directory;
}

std::vector<Endpoint> unix_endpoints(
    std::initializer_list<const std::vector<ListenTarget>*> all_targets) {
  std::vector<Endpoint> result;
  for (const auto* targets : all_targets) {
    for (const ListenTarget& target : *targets) {
      const Endpoint& first = target.endpoints.front();
      if (first.protocol().family() == AF_UNIX) result.push_back(first);
    }
  }
  return result;
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
  std::map<std::pair<dev_t, ino_t>, Descriptor> directories;
  for (const Endpoint& endpoint : unix_endpoints(targets)) {
    Descriptor directory(
        ::open(directory_of(endpoint).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat status {};
    if (!directory || ::fstat(directory.get(), &status) != 0) continue;
    directories.try_emplace({status.st_dev, status.st_ino}, std::move(directory));
  }
  for (auto& [id, directory] : directories) {
    while (::flock(directory.get(), LOCK_EX) != 0 && errno == EINTR) {
    }
    directories_.push_back(std::move(directory));
  }
}

}  // namespace echo
