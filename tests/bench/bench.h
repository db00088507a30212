#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace echo::bench {

// Yardsticks for echoc load: plain clients of the kind that one writes in an hour. They check
// nothing and measure nothing but how many messages came back.
struct Arguments {
  std::uint16_t port;
  int connections;
  std::size_t size;
  int seconds;
};

inline Arguments parse(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: %s PORT CONNECTIONS SIZE SECONDS\n", argv[0]);
    std::exit(2);
  }
  return {static_cast<std::uint16_t>(std::atoi(argv[1])), std::atoi(argv[2]),
          static_cast<std::size_t>(std::atoi(argv[3])), std::atoi(argv[4])};
}

inline int connect(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::perror("connect");
    std::exit(1);
  }
  return socket;
}

}  // namespace echo::bench
