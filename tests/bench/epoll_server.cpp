// A server with one thread and one epoll loop: raw calls, no limits, no timeouts, no end.
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "tests/bench/server.h"

namespace {

const int kEpoll = ::epoll_create1(EPOLL_CLOEXEC);
std::array<char, echo::bench::kBuffer> buffer;
std::vector<std::string> pending;  // by descriptor: what a full socket did not take

void watch(int operation, int socket, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = socket;
  ::epoll_ctl(kEpoll, operation, socket, &event);
}

// How much of it the socket took; -1: the connection is broken.
ssize_t send_some(int socket, const char* data, std::size_t size) {
  const ssize_t sent = ::send(socket, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent < 0 && errno == EAGAIN ? 0 : sent;
}

// False: the connection is over.
bool echo_some(int socket) {
  const ssize_t count = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count < 0) return errno == EAGAIN;
  if (count == 0) return false;
  const ssize_t sent = send_some(socket, buffer.data(), static_cast<std::size_t>(count));
  if (sent < 0 || sent == count) return sent == count;
  pending[static_cast<std::size_t>(socket)].assign(buffer.data() + sent, buffer.data() + count);
  watch(EPOLL_CTL_MOD, socket, EPOLLOUT);  // and reads no more until it is gone
  return true;
}

bool flush(int socket) {
  std::string& rest = pending[static_cast<std::size_t>(socket)];
  const ssize_t sent = send_some(socket, rest.data(), rest.size());
  if (sent < 0) return false;
  rest.erase(0, static_cast<std::size_t>(sent));
  if (rest.empty()) watch(EPOLL_CTL_MOD, socket, EPOLLIN);
  return true;
}

void accept_one(int listener) {
  const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (socket < 0) return;
  if (pending.size() <= static_cast<std::size_t>(socket)) pending.resize(pending.size() + 1024);
  pending[static_cast<std::size_t>(socket)].clear();
  watch(EPOLL_CTL_ADD, socket, EPOLLIN);
}

}  // namespace

int main(int argc, char** argv) {
  const int listener = echo::bench::listen(argc, argv);
  watch(EPOLL_CTL_ADD, listener, EPOLLIN);
  std::array<epoll_event, 256> ready{};
  for (;;) {
    const int count = ::epoll_wait(kEpoll, ready.data(), static_cast<int>(ready.size()), -1);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = ready[static_cast<std::size_t>(i)];
      if (event.data.fd == listener) {
        accept_one(listener);
      } else if (!((event.events & EPOLLOUT) != 0 ? flush : echo_some)(event.data.fd)) {
        ::close(event.data.fd);
      }
    }
  }
}
