#include "common/listening/counted_as.h"

#include <algorithm>

namespace echo {

asio::ip::address counted_as(const asio::ip::address& ip) {
  if (ip.is_v4()) return ip;
  auto bytes = ip.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return asio::ip::address_v6(bytes);
}

}  // namespace echo
