#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace echo {

// What the kernel tells of a connection: TCP_INFO of tcp(7).
struct TcpState {
  std::uint64_t retransmissions = 0;    // segments sent again since it began to connect
  std::uint64_t lost = 0;               // segments that are held for lost now
  std::uint64_t congestion_window = 0;  // segments
  std::uint64_t delivery_rate = 0;      // bytes per second; 0: not known yet
  std::chrono::microseconds rtt{0};     // smoothed
  std::optional<std::chrono::microseconds> min_rtt;  // unless none was measured
};

// None if the socket is not of TCP. Any thread.
std::optional<TcpState> tcp_state(int socket);

}  // namespace echo
