#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

// What the yardstick clients share: plain clients of the kind that one writes in an hour, which
// check nothing but the length of what comes back.
namespace echo::bench {

struct Arguments {
  std::uint16_t port;
  int connections;
  std::size_t size;
  double seconds;
  std::string mode;
  int value;  // of the mode: what it is there
};

inline Arguments parse(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "usage: %s PORT CONNECTIONS SIZE SECONDS [MODE [VALUE]]\n", argv[0]);
    std::exit(2);
  }
  return {static_cast<std::uint16_t>(std::atoi(argv[1])),
          std::atoi(argv[2]),
          static_cast<std::size_t>(std::atoi(argv[3])),
          std::atof(argv[4]),
          argc > 5 ? argv[5] : "keep",
          argc > 6 ? std::atoi(argv[6]) : 1};
}

[[noreturn]] inline void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

// Connections come from 16 addresses, 10,000 from each before the next: those that were closed keep
// their ports for a while, and one address has but 28,000. No more addresses than it takes, as
// xinetd asks for the name of each.
inline int connect(std::uint16_t port, int flags = 0) {
  static std::uint32_t made = 0;
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  const int on = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + made++ / 10'000 % 16);
  ::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("bind");
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 &&
      errno != EINPROGRESS) {
    fail("connect");
  }
  return socket;
}

// Latencies in nanoseconds, in 64 buckets for each power of two: exact to 1.6 %.
class Latencies {
 public:
  void record(std::uint64_t value) {
    const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - 7);
    ++counts_[static_cast<std::size_t>(shift) * 64 + (value >> shift)];
    ++count_;
  }
  std::uint64_t count() const { return count_; }
  double microseconds(double percentile) const {
    const auto rank = static_cast<std::uint64_t>(static_cast<double>(count_) * percentile / 100);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      sum += counts_[i];
      if (sum <= rank && sum < count_) continue;
      const std::size_t shift = i < 128 ? 0 : i / 64 - 1;
      return static_cast<double>((i - shift * 64) << shift) / 1000;
    }
    return 0;
  }

 private:
  std::array<std::uint64_t, 64 * 60> counts_{};
  std::uint64_t count_ = 0;
};

// bench.py reads the server's processor time when these lines come, and tells by the end of
// standard input that it has.
inline void say_measuring() {
  std::puts("measuring");
  std::fflush(stdout);
}

inline void say_result(std::uint64_t messages, double seconds, const Latencies* latencies) {
  std::printf("{\"messages\": %llu, \"seconds\": %.6f", static_cast<unsigned long long>(messages),
              seconds);
  if (latencies != nullptr && latencies->count() > 0) {
    std::printf(", \"p50\": %.1f, \"p99\": %.1f, \"p99.9\": %.1f", latencies->microseconds(50),
                latencies->microseconds(99), latencies->microseconds(99.9));
  }
  std::puts("}");
  std::fflush(stdout);
  char end = 0;
  while (::read(STDIN_FILENO, &end, 1) > 0) continue;
}

}  // namespace echo::bench
