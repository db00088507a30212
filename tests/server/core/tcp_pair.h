#pragma once

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <utility>

#include <asio/ip/tcp.hpp>

#include "common/address.h"
#include "common/descriptor.h"
#include "tests/support/socket.h"

namespace echo::testing {

// Both ends of a TCP connection: the accepted one, and that of the client.
inline std::pair<Descriptor, Socket> tcp_pair() {
  const Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  Endpoint here = asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0);
  auto size = static_cast<socklen_t>(here.size());
  REQUIRE(::bind(listener.get(), here.data(), size) == 0);
  REQUIRE(::listen(listener.get(), 1) == 0);
  REQUIRE(::getsockname(listener.get(), here.data(), &size) == 0);
  Socket client = Socket::connect(to_text(here));
  Descriptor accepted(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  REQUIRE(accepted);
  return {std::move(accepted), std::move(client)};
}

}  // namespace echo::testing
