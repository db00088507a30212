#include "server/core/access_list.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

#include <asio/ip/tcp.hpp>

#include "common/address.h"

namespace echo {
namespace {

std::vector<Cidr> blocks(std::initializer_list<const char*> texts) {
  std::vector<Cidr> result;
  for (const char* text : texts) result.push_back(Cidr::parse(text));
  return result;
}

AccessList list(std::initializer_list<const char*> allow, std::initializer_list<const char*> deny) {
  return {blocks(allow), blocks(deny)};
}

bool admits(const AccessList& access, const char* ip) {
  const Endpoint peer(asio::ip::tcp::endpoint(asio::ip::make_address(ip), 7));
  return access.admits(ip_address(peer).value());
}

std::string refusal(const std::string& text) {
  try {
    Cidr::parse(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return {};
}

TEST_CASE("blocks of addresses are read as users write them") {
  CHECK(Cidr::parse("10.0.0.0/8").text() == "10.0.0.0/8");
  CHECK(Cidr::parse("2001:db8::/32").text() == "2001:db8::/32");
  CHECK(Cidr::parse("0.0.0.0/0").text() == "0.0.0.0/0");
  CHECK(Cidr::parse("::/0").text() == "::/0");
  CHECK(Cidr::parse("192.0.2.1").text() == "192.0.2.1/32");
  CHECK(Cidr::parse("2001:DB8::1").text() == "2001:db8::1/128");
  CHECK(Cidr::parse("::ffff:10.0.0.0/104") == Cidr::parse("10.0.0.0/8"));
}

TEST_CASE("what is not a block of addresses is refused with the text and what would be right") {
  for (const std::string text : {"",
                                 "/",
                                 "/8",
                                 "10.0.0.0/",
                                 "10.0.0.0/33",
                                 "10.0.0.0/-1",
                                 "10.0.0.0/+8",
                                 "10.0.0.0/08",
                                 "10.0.0.0/8 ",
                                 " 10.0.0.0/8",
                                 "10.0.0.0/8/8",
                                 "10.0.0.0/8x",
                                 "10.0.0.0/4294967304",
                                 "10.0.0/8",
                                 "10",
                                 "localhost",
                                 "::/129",
                                 "fe80::1%lo",
                                 "[::1]",
                                 "10.0.0.256",
                                 "all"}) {
    CAPTURE(text);
    CHECK(refusal(text).starts_with("'" + text + "' is not a block of addresses such as"));
  }
  CHECK_FALSE(refusal(std::string("10.0.0.1\0", 9)).empty());
}

TEST_CASE("a block that does not begin at its first address is refused with that address") {
  CHECK(refusal("10.0.0.1/8").ends_with("the block begins at 10.0.0.0/8"));
  CHECK(refusal("10.0.0.9/31").ends_with("the block begins at 10.0.0.8/31"));
  CHECK(refusal("2001:db8::1/32").ends_with("the block begins at 2001:db8::/32"));
}

TEST_CASE("an empty list lets everybody in") {
  CHECK(admits({}, "127.0.0.1"));
  CHECK(admits({}, "::1"));
}

TEST_CASE("where something is denied the rest is let in") {
  const AccessList access = list({}, {"10.0.0.0/9", "2001:db8::/33"});
  CHECK_FALSE(admits(access, "10.0.0.0"));
  CHECK_FALSE(admits(access, "10.127.255.255"));
  CHECK(admits(access, "10.128.0.0"));
  CHECK(admits(access, "9.255.255.255"));
  CHECK_FALSE(admits(access, "2001:db8:7fff::1"));
  CHECK(admits(access, "2001:db8:8000::1"));
}

TEST_CASE("where something is allowed the rest is kept out in both families") {
  const AccessList access = list({"10.0.0.0/8"}, {});
  CHECK(admits(access, "10.1.2.3"));
  CHECK_FALSE(admits(access, "11.1.2.3"));
  CHECK_FALSE(admits(access, "::1"));
  CHECK_FALSE(admits(list({"::/0"}, {}), "10.1.2.3"));
  CHECK_FALSE(admits(list({"0.0.0.0/0"}, {}), "::1"));
}

TEST_CASE("the most specific block decides whatever the order") {
  const AccessList access = list({"10.1.0.0/16", "10.1.2.3"}, {"10.1.2.0/24", "10.0.0.0/8"});
  CHECK_FALSE(admits(access, "10.2.0.1"));
  CHECK(admits(access, "10.1.1.1"));
  CHECK_FALSE(admits(access, "10.1.2.4"));
  CHECK(admits(access, "10.1.2.3"));
}

TEST_CASE("an IPv4 client on an IPv6 socket counts as IPv4") {
  CHECK_FALSE(admits(list({}, {"127.0.0.1"}), "::ffff:127.0.0.1"));
  CHECK(admits(list({"127.0.0.0/8"}, {}), "::ffff:127.0.0.1"));
}

TEST_CASE("the scope of a link-local client does not matter") {
  asio::ip::address_v6 ip = asio::ip::make_address_v6("fe80::1");
  ip.scope_id(1);
  const Endpoint peer(asio::ip::tcp::endpoint(ip, 7));
  CHECK_FALSE(list({}, {"fe80::1"}).admits(ip_address(peer).value()));
}

TEST_CASE("the same block allowed and denied is a contradiction") {
  CHECK_THROWS_WITH_AS(list({"10.0.0.0/8"}, {"10.0.0.0/8"}),
                       "contradiction: 10.0.0.0/8 is both allowed and denied",
                       std::invalid_argument);
  CHECK_THROWS_AS(list({"127.0.0.1"}, {"::ffff:127.0.0.1/128"}), std::invalid_argument);
  CHECK_NOTHROW(list({"10.0.0.0/8", "10.0.0.0/8"}, {"10.0.0.0/9"}));
}

}  // namespace
}  // namespace echo
