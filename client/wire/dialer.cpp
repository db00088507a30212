#include "client/wire/dialer.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "common/poll.h"

namespace echo {
namespace {

int error_of(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

// 0 or the errno of what went wrong.
int connect_one(int socket, const Endpoint& endpoint, SteadyTime deadline, int interrupt) {
  if (::connect(socket, endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0) return 0;
  // An interrupted connect goes on in the background just like one in progress: connect(2).
  if (errno != EINPROGRESS && errno != EINTR) return errno;
  std::array<pollfd, 2> entries{{{socket, POLLOUT, 0}, {interrupt, POLLIN, 0}}};
  if (!poll_until(entries, deadline)) return ETIMEDOUT;
  return entries[0].revents != 0 ? error_of(socket) : EINTR;
}

}  // namespace

Connection connect_to(std::span<const Endpoint> endpoints, std::chrono::nanoseconds timeout,
                      int interrupt) {
  Connection result;
  for (const Endpoint& endpoint : endpoints) {
    const int family = endpoint.data()->sa_family;
    Descriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const SteadyTime deadline = std::chrono::steady_clock::now() + timeout;
    const int error = socket ? connect_one(socket.get(), endpoint, deadline, interrupt) : errno;
    if (error == 0) {
      const int on = 1;
      if (family != AF_UNIX) {
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      }
      return {std::move(socket), to_text(endpoint), {}};
    }
    result.failure += fmt::format("{}{} ({})", result.failure.empty() ? "tried " : ", ",
                                  to_text(endpoint), std::generic_category().message(error));
    if (error == EINTR) break;
  }
  return result;
}

}  // namespace echo
