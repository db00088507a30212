#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <asio/ip/address.hpp>

namespace echo {

// A block of IP addresses as users write it: "10.0.0.0/8", "2001:db8::/32"; a bare address is a
// block of one. IPv4 mapped into IPv6 ("::ffff:10.0.0.0/104") is IPv4.
struct Cidr {
  asio::ip::address first;
  unsigned prefix = 0;  // how many leading bits all its addresses share with the first

  // Throws std::invalid_argument whose message quotes the text and says what would be right.
  static Cidr parse(std::string_view text);

  bool contains(const asio::ip::address& ip) const;
  std::string text() const;
  bool operator==(const Cidr&) const = default;
};

// Who may connect. Of the blocks that contain an address the most specific decides. An address in
// no block is let in, unless something is allowed by name: then the rest is not.
class AccessList {
 public:
  AccessList() = default;
  // Throws std::invalid_argument when a block is both allowed and denied.
  AccessList(const std::vector<Cidr>& allow, const std::vector<Cidr>& deny);

  // An IPv4 address must not be in its mapped form: see ip_address.
  bool admits(const asio::ip::address& ip) const;

 private:
  struct Rule {
    Cidr block;
    bool allowed = true;
  };

  std::vector<Rule> rules_;  // the most specific first
  bool admits_rest_ = true;
};

}  // namespace echo
