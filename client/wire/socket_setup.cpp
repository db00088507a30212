#include "client/wire/socket_setup.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>

#include "common/descriptor.h"
#include "common/error_text.h"
#include "common/usage_error.h"

namespace echo {
namespace {

constexpr unsigned kEcnBits = 2;  // of the traffic class, below the DSCP: RFC 3168

bool set(int socket, int level, int name, int value) {
  return ::setsockopt(socket, level, name, &value, sizeof value) == 0;
}

int get(int socket, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  ::getsockopt(socket, level, name, &value, &size);
  return value;
}

int family_of(int socket) {
  return get(socket, SOL_SOCKET, SO_DOMAIN);
}

// A socket of IPv6 sends by IPv4 to an address that is mapped.
bool set_dscp(int socket, unsigned dscp) {
  const int field = static_cast<int>(dscp << kEcnBits);
  if (family_of(socket) == AF_INET6 && !set(socket, IPPROTO_IPV6, IPV6_TCLASS, field)) return false;
  return set(socket, IPPROTO_IP, IP_TOS, field);
}

bool set_congestion(int socket, const std::string& name) {
  return ::setsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, name.data(),
                      static_cast<socklen_t>(name.size())) == 0;
}

bool is_by_ipv6(int socket) {
  if (family_of(socket) != AF_INET6) return false;
  sockaddr_in6 peer{};
  socklen_t size = sizeof peer;
  ::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size);
  return !IN6_IS_ADDR_V4MAPPED(&peer.sin6_addr);
}

std::string names_in(const char* file) {
  std::ifstream stream(std::string("/proc/sys/net/ipv4/") + file);
  std::string line;
  std::getline(stream, line);
  return line.empty() ? "unknown" : line;
}

std::string refusal(const char* option, const std::string& value, const std::string& why) {
  return fmt::format("{}: '{}' {}", option, value, why);
}

void check_congestion(int socket, const std::string& name) {
  constexpr std::size_t kLongest = 15;  // the kernel cuts off what is longer
  const bool is_set = name.size() <= kLongest && set_congestion(socket, name);
  if (is_set) return;
  const int error = name.size() > kLongest ? ENOENT : errno;
  if (error == EPERM) {
    throw std::runtime_error(refusal("--congestion", name,
                                     "is not permitted to this user; permitted are: " +
                                         names_in("tcp_allowed_congestion_control")));
  }
  if (error == ENOENT) {
    throw UsageError(refusal("--congestion", name,
                             "is not a congestion control of this kernel; available are: " +
                                 names_in("tcp_available_congestion_control")));
  }
  throw std::runtime_error(refusal("--congestion", name, "cannot be used: " + error_text(error)));
}

}  // namespace

int set_up_socket(int socket, const SocketOptions& options) {
  if (!options.any()) return 0;
  const auto buffer = [socket](int name, std::uint64_t size) {
    return size == 0 || set(socket, SOL_SOCKET, name, static_cast<int>(size));
  };
  if (!buffer(SO_SNDBUF, options.send_buffer)) return errno;
  if (!buffer(SO_RCVBUF, options.receive_buffer)) return errno;
  if (options.dscp && !set_dscp(socket, *options.dscp)) return errno;
  if (!options.congestion.empty() && !set_congestion(socket, options.congestion)) return errno;
  if (options.no_nodelay && !set(socket, IPPROTO_TCP, TCP_NODELAY, 0)) return errno;
  return 0;
}

EffectiveSocket effective_socket(int socket) {
  EffectiveSocket effective;
  effective.send_buffer = static_cast<std::uint64_t>(get(socket, SOL_SOCKET, SO_SNDBUF));
  effective.receive_buffer = static_cast<std::uint64_t>(get(socket, SOL_SOCKET, SO_RCVBUF));
  if (family_of(socket) == AF_UNIX) return effective;
  const int field =
      is_by_ipv6(socket) ? get(socket, IPPROTO_IPV6, IPV6_TCLASS) : get(socket, IPPROTO_IP, IP_TOS);
  effective.dscp = static_cast<unsigned>(field) >> kEcnBits;
  std::array<char, 17> name{};  // the kernel's longest, and an end
  socklen_t size = name.size() - 1;
  ::getsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, name.data(), &size);
  effective.congestion = name.data();
  effective.nodelay = get(socket, IPPROTO_TCP, TCP_NODELAY) != 0;
  return effective;
}

void check_socket_options(const SocketOptions& options, const Address& address) {
  if (!options.any()) return;
  const bool is_unix = !address.path.empty();
  if (is_unix && !options.first_of_tcp().empty()) {
    throw UsageError(fmt::format("{} is of TCP, and {} is a unix socket", options.first_of_tcp(),
                                 address.text()));
  }
  Descriptor socket(::socket(is_unix ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket && !is_unix) socket.reset(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) throw std::runtime_error("cannot make a socket: " + error_text(errno));
  if (!options.congestion.empty()) check_congestion(socket.get(), options.congestion);
  SocketOptions others = options;
  others.congestion.clear();
  const int error = set_up_socket(socket.get(), others);
  if (error == 0) return;
  throw std::runtime_error(
      "the kernel refuses --dscp, --send-buffer, --receive-buffer or "
      "--no-nodelay: " +
      error_text(error));
}

}  // namespace echo
