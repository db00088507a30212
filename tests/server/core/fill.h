#pragma once

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "common/address.h"
#include "tests/support/eventually.h"
#include "tests/support/proc.h"
#include "tests/support/socket.h"

namespace echo::testing {

// Bytes of which no two stretches look alike for long.
inline std::string distinct_bytes(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 251);
  return text;
}

// The server's end of a client's TCP connection, in this process; -1 if there is none.
inline int served_socket(const Socket& client) {
  Endpoint own;
  auto size = static_cast<socklen_t>(own.capacity());
  REQUIRE(::getsockname(client.descriptor(), own.data(), &size) == 0);
  own.resize(size);
  if (own.data()->sa_family == AF_UNIX) return -1;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int descriptor = std::stoi(entry.path().filename());
    Endpoint peer;
    size = static_cast<socklen_t>(peer.capacity());
    if (::getpeername(descriptor, peer.data(), &size) != 0) continue;
    peer.resize(size);
    if (peer == own) return descriptor;
  }
  return -1;
}

inline bool has_room(int socket) {
  pollfd room{socket, POLLOUT, 0};
  return ::poll(&room, 1, 0) == 1;
}

// Whether the peer's kernel has yet to look at something that TCP has sent. What it has dropped,
// because its buffer is full, counts as lost after a while, and is sent again until there is room.
inline bool has_bytes_under_way(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  return ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
         info.tcpi_unacked > info.tcpi_lost;
}

// Whether something has come back: before that nobody may have been given the connection.
inline bool has_echo(const Socket& client) {
  char byte = 0;
  return ::recv(client.descriptor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

// Whether the worker of a client sleeps until its client takes something, and nothing else is under
// way that would wake it. A worker that is only waiting for a core does not sleep. For a worker
// that holds bytes to send, and the only one at work.
inline bool waits_for_room(const Socket& client) {
  const auto sleeps = sleeps_of_workers(::getpid());
  if (!sleeps || !has_echo(client) || has_bytes_under_way(client.descriptor())) return false;
  const int served = served_socket(client);
  if (served >= 0 && (has_room(served) || has_bytes_under_way(served))) return false;
  return sleeps_of_workers(::getpid()) == sleeps;
}

// Sends until neither side's buffers take any more and the worker waits for room, or until the
// server has ended the connection.
inline void fill(Socket& client) {
  const std::string text = distinct_bytes(1 << 20);
  CHECK(eventually([&] {
    if (::send(client.descriptor(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
      return false;
    }
    return errno != EAGAIN || waits_for_room(client);
  }));
}

}  // namespace echo::testing
