#include "common/listening/listening_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "common/connect.h"
#include "common/console.h"
#include "common/error_text.h"
#include "common/set_option.h"

namespace echo {
namespace {

bool is_unix(const Endpoint& endpoint) {
  return endpoint.protocol().family() == AF_UNIX;
}

std::string path_of(const Endpoint& endpoint) {
  return to_text(endpoint).substr(std::string_view("unix:").size());
}

// An abstract name is no path, though it may look like one of the working directory.
bool has_file(const Endpoint& endpoint) {
  return is_unix(endpoint) && path_of(endpoint).starts_with('/');
}

// The port of a TCP address, as text.
std::string port_of(const Endpoint& endpoint) {
  const std::string text = to_text(endpoint);
  return text.substr(text.rfind(':') + 1);
}

// Whose user reads the messages.
std::string_view program() {
  return program_invocation_short_name;
}

// What a user can do about it.
std::string way_out(const Endpoint& endpoint, int error) {
  if (error == EADDRINUSE && is_unix(endpoint)) return "; see who has it with: ss -lxp";
  if (error == EADDRINUSE) {
    return fmt::format("; see who has it with: ss -ltnp 'sport = :{}'", port_of(endpoint));
  }
  if (error != EACCES || is_unix(endpoint)) return {};
  if (program() == "echod") {
    return "; for a port below 1024 use echod.socket, setcap cap_net_bind_service=ep, or root and "
           "--user (see echod(8))";
  }
  return "; for a port below 1024 use setcap cap_net_bind_service=ep";
}

struct CannotListen : std::runtime_error {
  CannotListen(const Endpoint& endpoint, int number)
      : std::runtime_error(fmt::format("cannot listen on {}: {}{}", to_text(endpoint),
                                       error_text(number), way_out(endpoint, number))),
        error(number) {}
  int error;
};

bool is_missing_here(const CannotListen& failure) {
  return failure.error == EADDRNOTAVAIL || failure.error == EAFNOSUPPORT;
}

// Whoever is accepted later inherits it. Of two urgent bytes that arrive before, the kernel would
// drop the first.
void keep_urgent_bytes(int socket) {
  set_option(socket, SOL_SOCKET, SO_OOBINLINE, 1);
}

// Whether any process has the path open as a socket. A stream socket would be queued as a client
// there and might wait for that; a datagram socket is told that the type is wrong (unix(7)).
bool has_owner(const Endpoint& endpoint) {
  const Descriptor probe(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto size = static_cast<socklen_t>(endpoint.size());
  return !probe || ::connect(probe.get(), endpoint.data(), size) == 0 || errno != ECONNREFUSED;
}

// The file of a unix socket outlives a process that was killed.
void remove_stale_socket(const Endpoint& endpoint) {
  const std::string path = path_of(endpoint);
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0 || !S_ISSOCK(file.st_mode)) return;
  if (!has_owner(endpoint)) ::unlink(path.c_str());
}

// 0 or the error.
int bind_to(int socket, const Endpoint& endpoint) {
  const auto size = static_cast<socklen_t>(endpoint.size());
  return ::bind(socket, endpoint.data(), size) == 0 ? 0 : errno;
}

// Linux makes the file with the mode of the socket less the umask, so that the file never has
// another one, as it would with a chmod(2) afterwards.
int bind_unix(int socket, const Endpoint& endpoint, std::optional<mode_t> mode) {
  constexpr mode_t kUsual = 0666;
  if (::fchmod(socket, mode.value_or(kUsual)) != 0) return errno;
  if (!mode) return bind_to(socket, endpoint);
  const mode_t before = ::umask(0);
  const int error = bind_to(socket, endpoint);
  ::umask(before);
  return error;
}

}  // namespace

ListeningSocket ListeningSocket::open(const Endpoint& endpoint, int backlog, bool v6_only,
                                      std::optional<mode_t> unix_mode) {
  const int family = endpoint.protocol().family();
  ListeningSocket result(
      Descriptor(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)));
  const int socket = result.descriptor();
  if (socket < 0) throw CannotListen(endpoint, errno);
  if (has_file(endpoint)) remove_stale_socket(endpoint);
  if (!is_unix(endpoint)) set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1);
  keep_urgent_bytes(socket);
  if (is_unix(endpoint)) refuse_descriptors(socket);
  if (family == AF_INET6) set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, v6_only ? 1 : 0);
  const int error =
      is_unix(endpoint) ? bind_unix(socket, endpoint, unix_mode) : bind_to(socket, endpoint);
  if (error != 0) throw CannotListen(endpoint, error);
  if (has_file(endpoint)) result.remember_path(path_of(endpoint));
  if (::listen(socket, backlog) != 0) throw CannotListen(endpoint, errno);
  return result;
}

void ListeningSocket::remember_path(const std::string& path) {
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0) return;
  path_ = path;
  device_ = file.st_dev;
  inode_ = file.st_ino;
}

ListeningSocket ListeningSocket::inherited(Descriptor socket) {
  ListeningSocket result(std::move(socket));
  const int flags = ::fcntl(result.descriptor(), F_GETFL);
  if (flags < 0 || ::fcntl(result.descriptor(), F_SETFL, flags | O_NONBLOCK) != 0) {
    throw std::runtime_error(
        fmt::format("cannot listen on an inherited socket: {}", error_text(errno)));
  }
  const int family = result.endpoint().protocol().family();
  if (family != AF_INET && family != AF_INET6 && family != AF_UNIX) {
    throw std::runtime_error("cannot listen on an inherited socket that is neither TCP nor unix");
  }
  keep_urgent_bytes(result.descriptor());
  if (family == AF_UNIX) refuse_descriptors(result.descriptor());
  return result;
}

ListeningSocket::~ListeningSocket() {
  if (!socket_ || path_.empty()) return;
  struct stat file {};
  const bool ours =
      ::lstat(path_.c_str(), &file) == 0 && file.st_dev == device_ && file.st_ino == inode_;
  if (ours) ::unlink(path_.c_str());
}

Endpoint ListeningSocket::endpoint() const {
  Endpoint result;
  auto size = static_cast<socklen_t>(result.capacity());
  if (::getsockname(socket_.get(), result.data(), &size) != 0) {
    throw std::runtime_error(fmt::format("getsockname: {}", error_text(errno)));
  }
  result.resize(size);
  return result;
}

std::vector<ListeningSocket> open_sockets(const std::vector<ListenTarget>& targets, int backlog,
                                          std::optional<mode_t> unix_mode) {
  std::vector<ListeningSocket> sockets;
  for (const ListenTarget& target : targets) {
    std::vector<std::string> missing;
    for (const Endpoint& endpoint : target.endpoints) {
      try {
        sockets.push_back(ListeningSocket::open(endpoint, backlog, target.v6_only, unix_mode));
      } catch (const CannotListen& failure) {
        missing.emplace_back(failure.what());
        const bool is_last = missing.size() == target.endpoints.size();
        if (!target.is_name || is_last || !is_missing_here(failure)) throw;
      }
    }
    for (const std::string& line : missing) {
      print_warning(fmt::format("{}: warning: {}", program(), line));
    }
  }
  return sockets;
}

}  // namespace echo
