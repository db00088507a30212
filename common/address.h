#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <asio/generic/stream_protocol.hpp>
#include <asio/ip/address.hpp>

namespace echo {

// TCP over IPv4 or IPv6 and unix stream sockets alike.
using StreamProtocol = asio::generic::stream_protocol;
using Endpoint = StreamProtocol::endpoint;

// An address as users write it: "host:port", "[v6]:port", "[v6%interface]:port", ":port",
// "unix:/path" or "unix:@name", which is abstract: unix(7).
struct Address {
  std::string host;        // empty for ":port" and for unix
  std::uint16_t port = 0;  // 0: the kernel picks
  std::string path;        // unix only: "/path" or "@name"

  // Throws std::invalid_argument whose message quotes the text and says what would be right.
  static Address parse(std::string_view text);

  // An address to connect to, which has a port. Throws as parse() does.
  static Address parse_peer(std::string_view text);

  std::string text() const;

  // The path of a unix socket in the file system; empty for all others.
  std::string socket_file() const { return path.starts_with('/') ? path : std::string(); }
};

// Where to listen: ":port" is every interface, on one socket for IPv4 and IPv6 where there is IPv6.
// A name that stands for several addresses means all of them. Throws std::runtime_error.
std::vector<Endpoint> endpoints_to_listen(const Address& address);

// What to connect to, in the order to try: ":port" is this machine. Throws std::runtime_error.
std::vector<Endpoint> endpoints_to_connect(const Address& address);

// The IP address without its port and scope; none for a unix socket. An IPv4 address mapped into
// IPv6 is the IPv4 address: a socket for both families sees IPv4 clients so.
std::optional<asio::ip::address> ip_address(const Endpoint& endpoint);

// "127.0.0.1:7007", "[::1]:7007", "unix:/path", "unix:@name". An IPv4 address mapped into IPv6
// reads as IPv4.
std::string to_text(const Endpoint& endpoint);

}  // namespace echo
