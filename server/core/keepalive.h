#pragma once

#include <chrono>

namespace echo {

// The most that the kernel takes (MAX_TCP_KEEPIDLE is 32767 s), in whole hours.
inline constexpr std::chrono::hours kLongestKeepalive{9};

// TCP keepalive as tcp(7) has it, in whole seconds: the kernel asks a silent peer whether it is
// still there, and gives up after several questions in a row that nobody answered.
struct KeepaliveTimes {
  int idle = 0;      // silence before the first probe; 0: no keepalive
  int interval = 0;  // from one probe to the next
  int count = 0;     // unanswered ones that end the connection
};

// A peer that vanished is noticed a minute after the first probe, or sooner if `silence` is
// shorter. 0: never asked.
KeepaliveTimes keepalive_times(std::chrono::nanoseconds silence);

// For a TCP socket. TCP_USER_TIMEOUT stays unset: with it the kernel ignores the count and gives up
// after a single lost probe.
void set_keepalive(int socket, std::chrono::nanoseconds silence);

}  // namespace echo
