#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <string>

#include "tests/support/socket.h"

namespace echo::testing {

// A client that writes until the server takes no more, and never reads.
inline Socket stuck_reader(const std::string& address) {
  Socket client = Socket::connect(address);
  const std::string chunk(64 * 1024, 'x');
  pollfd room{client.descriptor(), POLLOUT, 0};
  // All buffers are full, as good as certainly, when there is no room for so long.
  while (::poll(&room, 1, 300) > 0) {
    ::send(client.descriptor(), chunk.data(), chunk.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  return client;
}

// Whether a few bytes come back.
inline bool echoes(Socket& client) {
  client.send("hello");
  return client.receive(5) == "hello";
}

}  // namespace echo::testing
