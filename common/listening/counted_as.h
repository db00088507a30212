#pragma once

#include <asio/ip/address.hpp>

namespace echo {

// The address under which a client is counted: a site usually controls a whole IPv6 /64 (RFC 6177).
asio::ip::address counted_as(const asio::ip::address& ip);

}  // namespace echo
