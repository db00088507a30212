#include "server/core/access_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <functional>
#include <stdexcept>

namespace echo {
namespace {

using asio::ip::address;
using asio::ip::address_v4;
using asio::ip::address_v6;

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  throw std::invalid_argument(fmt::format(
      "'{}' is not a block of addresses such as 10.0.0.0/8, 2001:db8::/32 or 192.0.2.1: {}", text,
      why));
}

address parse_ip(std::string_view text, std::string_view ip) {
  // Nothing else may reach the parser: it would take a scope ("%eth0") and end at a zero byte.
  constexpr std::string_view kCharacters = "0123456789abcdefABCDEF:.";
  asio::error_code error;
  const address result = asio::ip::make_address(std::string(ip), error);
  if (error || ip.find_first_not_of(kCharacters) != ip.npos) {
    refuse(text, fmt::format("'{}' is no IPv4 or IPv6 address", ip));
  }
  return result;
}

unsigned parse_prefix(std::string_view text, std::string_view digits, unsigned bits) {
  unsigned prefix = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  // Written back so that nothing stands behind the number, no sign and no zero before it.
  if (prefix > bits || fmt::to_string(prefix) != digits) {
    refuse(text, fmt::format("behind the slash must stand a number from 0 to {}", bits));
  }
  return prefix;
}

template <typename Bytes>
Bytes masked(Bytes bytes, unsigned prefix) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto begin = static_cast<unsigned>(i * 8);
    const unsigned kept = prefix <= begin ? 0 : std::min(prefix - begin, 8U);
    bytes[i] = static_cast<unsigned char>(bytes[i] & (0xff00U >> kept));
  }
  return bytes;
}

address first_of_block(const address& ip, unsigned prefix) {
  if (ip.is_v4()) return address_v4(masked(ip.to_v4().to_bytes(), prefix));
  return address_v6(masked(ip.to_v6().to_bytes(), prefix));
}

Cidr without_mapping(const Cidr& block) {
  constexpr unsigned kMappedBits = 96;
  if (block.first.is_v4() || !block.first.to_v6().is_v4_mapped() || block.prefix < kMappedBits) {
    return block;
  }
  return {.first = asio::ip::make_address_v4(asio::ip::v4_mapped, block.first.to_v6()),
          .prefix = block.prefix - kMappedBits};
}

}  // namespace

Cidr Cidr::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const address ip = parse_ip(text, text.substr(0, slash));
  const unsigned bits = ip.is_v4() ? 32 : 128;
  const unsigned prefix =
      slash == text.npos ? bits : parse_prefix(text, text.substr(slash + 1), bits);
  const Cidr block{.first = first_of_block(ip, prefix), .prefix = prefix};
  if (block.first != ip) refuse(text, fmt::format("the block begins at {}", block.text()));
  return without_mapping(block);
}

bool Cidr::contains(const address& ip) const {
  return ip.is_v4() == first.is_v4() && first_of_block(ip, prefix) == first;
}

std::string Cidr::text() const {
  return fmt::format("{}/{}", first.to_string(), prefix);
}

AccessList::AccessList(const std::vector<Cidr>& allow, const std::vector<Cidr>& deny)
    : admits_rest_(allow.empty()) {
  for (const Cidr& block : allow) rules_.push_back({block, true});
  for (const Cidr& block : deny) {
    if (std::ranges::find(allow, block) != allow.end()) {
      throw std::invalid_argument(
          fmt::format("contradiction: {} is both allowed and denied", block.text()));
    }
    rules_.push_back({block, false});
  }
  std::ranges::sort(rules_, std::ranges::greater{},
                    [](const Rule& rule) { return rule.block.prefix; });
}

bool AccessList::admits(const address& ip) const {
  const auto rule =
      std::ranges::find_if(rules_, [&](const Rule& each) { return each.block.contains(ip); });
  return rule == rules_.end() ? admits_rest_ : rule->allowed;
}

}  // namespace echo
