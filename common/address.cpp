#include "common/address.h"

#include <fmt/format.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <stdexcept>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>

namespace echo {
namespace {

using Tcp = asio::ip::tcp;

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  throw std::invalid_argument(fmt::format(
      "'{}' is not an address such as 127.0.0.1:7007, [::1]:7007, :7007 or unix:/path: {}", text,
      why));
}

// "tcp://host:7" and "http://host:7/" have an address in them.
void refuse_url(std::string_view text) {
  const std::size_t scheme = text.find("://");
  if (scheme == text.npos) return;
  const std::string_view rest = text.substr(scheme + 3);
  const std::string_view address = rest.substr(0, rest.find('/'));
  refuse(text, address.empty() ? "leave the scheme out" : fmt::format("write {}", address));
}

std::uint16_t parse_port(std::string_view text, std::string_view port) {
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), value);
  if (error != std::errc{} || end != port.data() + port.size()) {
    refuse(text, "the port must be a number from 0 to 65535");
  }
  return value;
}

Address parse_unix(std::string_view text, std::string_view path) {
  constexpr std::size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
  if (path.empty() || path == "@") refuse(text, "the path is missing");
  if (path.size() > kLongest) refuse(text, fmt::format("a path has at most {} bytes", kLongest));
  if (path.front() != '/' && path.front() != '@') {
    refuse(text, "a path begins with '/', an abstract name with '@'");
  }
  if (path.find('\0') != path.npos) refuse(text, "a path has no zero byte");
  return {.host = {}, .port = 0, .path = std::string(path)};
}

bool is_host_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_';
}

bool is_ipv6_character(char c) {
  return is_host_character(c) || c == ':' || c == '%';
}

// The part between the brackets. A link-local address means nothing without its interface.
void check_ipv6(std::string_view text, std::string_view host) {
  asio::error_code error;
  const auto ip = asio::ip::make_address_v6(std::string(host), error);
  // Behind '%' Asio takes anything for a zone.
  if (error || !std::ranges::all_of(host, is_ipv6_character)) {
    refuse(text, "between the brackets stands no IPv6 address");
  }
  if (ip.is_link_local() && host.find('%') == host.npos) {
    refuse(text, fmt::format("a link-local address needs its interface, such as [{}%eth0]", host));
  }
}

bool has_ipv6() {
  asio::io_context context;
  Tcp::socket probe(context);
  asio::error_code error;
  probe.open(Tcp::v6(), error);
  return !error;
}

std::vector<Endpoint> loopback(std::uint16_t port) {
  std::vector<Endpoint> endpoints{Tcp::endpoint(asio::ip::address_v4::loopback(), port)};
  if (has_ipv6()) endpoints.push_back(Tcp::endpoint(asio::ip::address_v6::loopback(), port));
  return endpoints;
}

// Of the resolver's answer to an unknown interface nobody can tell what is wrong.
void check_interface(const std::string& host) {
  const std::size_t percent = host.find('%');
  if (percent == host.npos) return;
  const std::string name = host.substr(percent + 1);
  const bool is_index = !name.empty() && std::ranges::all_of(name, [](char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
  });
  if (is_index || ::if_nametoindex(name.c_str()) != 0) return;
  throw std::runtime_error(
      fmt::format("cannot resolve {}: there is no network interface '{}'", host, name));
}

std::vector<Endpoint> resolve(const Address& address, Tcp::resolver::flags flags) {
  check_interface(address.host);
  asio::io_context context;
  Tcp::resolver resolver(context);
  asio::error_code error;
  const auto found = resolver.resolve(address.host, std::to_string(address.port),
                                      flags | Tcp::resolver::numeric_service, error);
  // RFC 6761, 6.3. A small system has neither a hosts file nor a resolver that knows.
  if (error && address.host == "localhost") return loopback(address.port);
  if (error) {
    throw std::runtime_error(fmt::format("cannot resolve {}: {}", address.host, error.message()));
  }
  std::vector<Endpoint> endpoints;
  for (const auto& entry : found) {
    // The hosts file can name an address twice; nobody can listen on it twice.
    const Endpoint endpoint(entry.endpoint());
    if (std::ranges::find(endpoints, endpoint) == endpoints.end()) endpoints.push_back(endpoint);
  }
  return endpoints;
}

Endpoint unix_endpoint(std::string path) {
  if (path.front() == '@') path.front() = '\0';
  return asio::local::stream_protocol::endpoint(path);
}

std::string host_and_port(std::string_view host, unsigned port) {
  if (host.find(':') != host.npos) return fmt::format("[{}]:{}", host, port);
  return fmt::format("{}:{}", host, port);
}

Tcp::endpoint as_tcp(const Endpoint& endpoint) {
  Tcp::endpoint result;
  std::memcpy(result.data(), endpoint.data(), std::min(endpoint.size(), result.capacity()));
  return result;
}

asio::ip::address without_mapping(const asio::ip::address& ip) {
  if (ip.is_v4() || !ip.to_v6().is_v4_mapped()) return ip;
  return asio::ip::make_address_v4(asio::ip::v4_mapped, ip.to_v6());
}

}  // namespace

Address Address::parse(std::string_view text) {
  constexpr std::string_view kUnix = "unix:";
  refuse_url(text);
  if (text.starts_with(kUnix)) return parse_unix(text, text.substr(kUnix.size()));

  const std::size_t colon = text.rfind(':');
  if (colon == text.npos || text.ends_with(']')) refuse(text, "the port is missing");
  std::string_view host = text.substr(0, colon);
  const std::uint16_t port = parse_port(text, text.substr(colon + 1));
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) refuse(text, "']' is missing");
    host = host.substr(1, host.size() - 2);
    check_ipv6(text, host);
  } else if (!std::ranges::all_of(host, is_host_character)) {
    refuse(text, host.find(':') != host.npos ? "an IPv6 address goes in brackets"
                                             : "the host has a character that no name has");
  }
  return {.host = std::string(host), .port = port, .path = {}};
}

Address Address::parse_peer(std::string_view text) {
  Address address = parse(text);
  if (address.path.empty() && address.port == 0) {
    throw std::invalid_argument(
        fmt::format("'{}' has port 0, on which nothing listens; give the server's port", text));
  }
  return address;
}

std::string Address::text() const {
  if (!path.empty()) return "unix:" + path;
  return host_and_port(host, port);
}

std::vector<Endpoint> endpoints_to_listen(const Address& address) {
  if (!address.path.empty()) return {unix_endpoint(address.path)};
  if (address.host.empty()) {
    return {Tcp::endpoint(has_ipv6() ? Tcp::v6() : Tcp::v4(), address.port)};
  }
  std::vector<Endpoint> endpoints = resolve(address, Tcp::resolver::passive);
  // An IPv6 socket of its own cannot have a mapped address: ipv6(7).
  for (Endpoint& endpoint : endpoints) {
    const Tcp::endpoint tcp = as_tcp(endpoint);
    endpoint = Tcp::endpoint(without_mapping(tcp.address()), tcp.port());
  }
  return endpoints;
}

std::vector<Endpoint> endpoints_to_connect(const Address& address) {
  if (!address.path.empty()) return {unix_endpoint(address.path)};
  if (address.host.empty()) {
    return {Tcp::endpoint(asio::ip::address_v4::loopback(), address.port),
            Tcp::endpoint(asio::ip::address_v6::loopback(), address.port)};
  }
  return resolve(address, {});
}

std::optional<asio::ip::address> ip_address(const Endpoint& endpoint) {
  if (endpoint.protocol().family() == AF_UNIX) return std::nullopt;
  const asio::ip::address ip = without_mapping(as_tcp(endpoint).address());
  if (ip.is_v4()) return ip;
  return asio::ip::address_v6(ip.to_v6().to_bytes());
}

std::string to_text(const Endpoint& endpoint) {
  const sockaddr* data = endpoint.data();
  if (data->sa_family == AF_UNIX) {
    const auto* local = reinterpret_cast<const sockaddr_un*>(data);
    const std::size_t room = endpoint.size() - offsetof(sockaddr_un, sun_path);
    const bool is_abstract = room > 1 && local->sun_path[0] == '\0';
    if (is_abstract) return "unix:@" + std::string(local->sun_path + 1, room - 1);
    return "unix:" + std::string(local->sun_path, ::strnlen(local->sun_path, room));
  }
  const Tcp::endpoint tcp = as_tcp(endpoint);
  return host_and_port(without_mapping(tcp.address()).to_string(), tcp.port());
}

}  // namespace echo
