#include "common/connect.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83  // asm-generic/socket.h since Linux 6.16
#endif

namespace echo {
namespace {

// With the port chosen by connect, which sees both ends, each source address has all ephemeral
// ports for each server: ip(7), IP_BIND_ADDRESS_NO_PORT.
bool bind_source(int socket, const Endpoint& source) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  return ::bind(socket, source.data(), static_cast<socklen_t>(source.size())) == 0;
}

}  // namespace

void refuse_descriptors(int unix_socket) {
  const int off = 0;
  ::setsockopt(unix_socket, SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof off);
}

ConnectAttempt start_connect(const Endpoint& to, const Endpoint* source,
                             const std::function<int(int)>& prepare) {
  const int family = to.data()->sa_family;
  Descriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return {{}, errno, false};
  const int on = 1;
  if (family == AF_UNIX) {
    refuse_descriptors(socket.get());
  } else {
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  if (const int refused = prepare ? prepare(socket.get()) : 0) return {{}, refused, false};
  if (source != nullptr && !bind_source(socket.get(), *source)) return {{}, errno, true};
  int error = 0;
  if (::connect(socket.get(), to.data(), static_cast<socklen_t>(to.size())) != 0) error = errno;
  // An interrupted connect goes on in the background just like one in progress: connect(2).
  if (error == EINTR) error = EINPROGRESS;
  if (error != 0 && error != EINPROGRESS) socket.reset();
  return {std::move(socket), error, false};
}

int connect_error(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

}  // namespace echo
