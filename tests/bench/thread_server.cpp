// A server with a blocking thread for each connection, made when it comes: raw calls, no limits,
// no timeouts, no end.
#include <unistd.h>

#include <memory>
#include <thread>

#include "tests/bench/server.h"

namespace {

void echo_all(int socket) {
  // Not zeroed and not on the stack, each of whose pages the compiler touches: what is not used
  // costs no memory.
  const auto buffer = std::make_unique_for_overwrite<char[]>(echo::bench::kBuffer);
  for (;;) {
    const ssize_t count = ::recv(socket, buffer.get(), echo::bench::kBuffer, 0);
    if (count <= 0) break;
    // A blocking send takes all there is.
    if (::send(socket, buffer.get(), static_cast<std::size_t>(count), MSG_NOSIGNAL) != count) break;
  }
  ::close(socket);
}

}  // namespace

int main(int argc, char** argv) {
  const int listener = echo::bench::listen(argc, argv);
  for (;;) {
    const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    // Detached, for nobody waits for it: the process has no end but a signal.
    if (socket >= 0) std::thread(echo_all, socket).detach();
  }
}
