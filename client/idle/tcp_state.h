#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace echo::idle {

// What the kernel knows and does about a silent connection. Of a socket that is not TCP nothing is
// known and nothing is set. Any thread.

// Whether the other side has acknowledged every byte (SIOCOUTQ).
bool all_acknowledged(int socket);

// Sends the acknowledgement that is still held back, so that the silence begins with it.
void acknowledge_now(int socket);

// How many segments have come (TCP_INFO); none if the kernel does not count them.
std::optional<std::uint32_t> segments_received(int socket);

// After a silence of `interval` a probe; a path that answers none of them is dead after about
// `timeout`. In whole seconds; 0: no keepalive.
void set_keepalive(int socket, std::chrono::nanoseconds interval, std::chrono::nanoseconds timeout);

// How long sent bytes may stay unacknowledged before the connection ends, instead of 15 minutes
// (TCP_USER_TIMEOUT, net.ipv4.tcp_retries2).
void set_user_timeout(int socket, std::chrono::nanoseconds timeout);

}  // namespace echo::idle
