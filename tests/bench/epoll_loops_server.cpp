// A server with an epoll loop per core. The first thread accepts and adds each connection to the
// next loop's epoll: raw calls, no limits, no timeouts, no end.
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <list>
#include <string>
#include <thread>

#include "tests/bench/server.h"

namespace {

struct Connection {
  int socket;
  std::string pending;  // what a full socket did not take
};

class Loop {
 public:
  void add(int socket) {
    auto* const connection = new Connection{.socket = socket, .pending = {}};
    watch(EPOLL_CTL_ADD, *connection, EPOLLIN);
  }

  void run() {
    std::array<epoll_event, 256> ready{};
    for (;;) {
      const int count = ::epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), -1);
      for (int i = 0; i < count; ++i) {
        auto* const connection =
            static_cast<Connection*>(ready[static_cast<std::size_t>(i)].data.ptr);
        if (connection->pending.empty() ? echo_some(*connection) : flush(*connection)) continue;
        ::close(connection->socket);
        delete connection;
      }
    }
  }

 private:
  void watch(int operation, Connection& connection, std::uint32_t events) const {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &connection;
    ::epoll_ctl(epoll_, operation, connection.socket, &event);
  }

  // How much of it the socket took; -1: the connection is broken.
  static ssize_t send_some(int socket, const char* data, std::size_t size) {
    const ssize_t sent = ::send(socket, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent < 0 && errno == EAGAIN ? 0 : sent;
  }

  // False: the connection is over.
  bool echo_some(Connection& connection) {
    const ssize_t count = ::recv(connection.socket, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (count < 0) return errno == EAGAIN;
    if (count == 0) return false;
    const auto size = static_cast<std::size_t>(count);
    const ssize_t sent = send_some(connection.socket, buffer_.data(), size);
    if (sent < 0 || sent == count) return sent == count;
    connection.pending.assign(buffer_.data() + sent, buffer_.data() + count);
    watch(EPOLL_CTL_MOD, connection, EPOLLOUT);  // and reads no more until it is gone
    return true;
  }

  bool flush(Connection& connection) const {
    std::string& rest = connection.pending;
    const ssize_t sent = send_some(connection.socket, rest.data(), rest.size());
    if (sent < 0) return false;
    rest.erase(0, static_cast<std::size_t>(sent));
    if (rest.empty()) watch(EPOLL_CTL_MOD, connection, EPOLLIN);
    return true;
  }

  const int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  std::array<char, echo::bench::kBuffer> buffer_{};
};

}  // namespace

int main(int argc, char** argv) {
  const int listener = echo::bench::listen(argc, argv);
  std::list<Loop> loops(std::max(1U, std::thread::hardware_concurrency()));
  std::list<std::thread> threads;
  for (Loop& loop : loops) threads.emplace_back([&loop] { loop.run(); });
  for (auto next = loops.begin();;) {
    const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    next->add(socket);
    if (++next == loops.end()) next = loops.begin();
  }
}
