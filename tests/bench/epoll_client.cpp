// A client with one epoll loop for all connections: as little as can be done for a message.
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <vector>

#include "tests/bench/bench.h"

int main(int argc, char** argv) {
  const auto arguments = echo::bench::parse(argc, argv);
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<char> message(arguments.size, 'x');
  std::vector<char> buffer(256 * 1024);
  std::vector<std::size_t> received(20'000);
  const auto send = [&](int socket) {
    return ::send(socket, message.data(), message.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(message.size());
  };
  for (int i = 0; i < arguments.connections; ++i) {
    const int socket = echo::bench::connect(arguments.port);
    ::fcntl(socket, F_SETFL, O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = socket;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
    if (!send(socket)) return 1;
  }
  std::uint64_t echoed = 0;
  const auto start = std::chrono::steady_clock::now();
  const auto end = start + std::chrono::seconds(arguments.seconds);
  std::array<epoll_event, 256> ready{};
  while (std::chrono::steady_clock::now() < end) {
    const int count = ::epoll_wait(epoll, ready.data(), static_cast<int>(ready.size()), 100);
    for (int i = 0; i < count; ++i) {
      const int socket = ready[static_cast<std::size_t>(i)].data.fd;
      const ssize_t bytes = ::recv(socket, buffer.data(), buffer.size(), 0);
      if (bytes <= 0) return 1;
      std::size_t& sum = received[static_cast<std::size_t>(socket)];
      sum += static_cast<std::size_t>(bytes);
      if (sum < arguments.size) continue;
      sum = 0;
      ++echoed;
      if (!send(socket)) return 1;
    }
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  std::printf("%.0f\n", static_cast<double>(echoed) / elapsed.count());
}
