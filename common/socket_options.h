#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace echo {

// What a user asks of the sockets of a client: ip(7), ipv6(7), socket(7), tcp(7). Plain values.
struct SocketOptions {
  std::optional<unsigned> dscp;      // of each packet, the first one too: 0 to 63
  std::string congestion;            // name of the congestion control; empty: the kernel's choice
  std::uint64_t send_buffer = 0;     // bytes; 0: the kernel's choice
  std::uint64_t receive_buffer = 0;  // the same
  bool no_nodelay = false;           // small messages wait for what is unacknowledged (Nagle)

  // What only TCP has; the name of the first option that does, or nothing.
  std::string_view first_of_tcp() const;
  bool any() const { return !first_of_tcp().empty() || send_buffer != 0 || receive_buffer != 0; }
  friend bool operator==(const SocketOptions&, const SocketOptions&) = default;
};

// What a connected socket has. A unix socket has buffers only.
struct EffectiveSocket {
  std::optional<unsigned> dscp;
  std::optional<std::string> congestion;
  std::uint64_t send_buffer = 0;  // bytes: twice what was asked for, with the kernel's own part
  std::uint64_t receive_buffer = 0;
  std::optional<bool> nodelay;

  friend bool operator==(const EffectiveSocket&, const EffectiveSocket&) = default;
};

// "EF", "af41" or "46". Throws std::invalid_argument that says what would be right.
unsigned parse_dscp(std::string_view text);
// "46 (EF)", or the number alone where it has no name.
std::string dscp_text(unsigned dscp);

// "DSCP 46 (EF), congestion control cubic, send buffer 425,984 bytes, ...".
std::string to_text(const EffectiveSocket& socket);

}  // namespace echo
