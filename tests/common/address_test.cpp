#include "common/address.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>

namespace echo {
namespace {

using Tcp = asio::ip::tcp;

Endpoint tcp(const std::string& ip, std::uint16_t port) {
  return Tcp::endpoint(asio::ip::make_address(ip), port);
}

std::vector<std::string> texts(const std::vector<Endpoint>& endpoints) {
  std::vector<std::string> result;
  for (const Endpoint& endpoint : endpoints) result.push_back(to_text(endpoint));
  return result;
}

std::vector<std::string> listen_texts(const char* text) {
  return texts(endpoints_to_listen(Address::parse(text)));
}

std::vector<std::string> connect_texts(const char* text) {
  return texts(endpoints_to_connect(Address::parse(text)));
}

using Texts = std::vector<std::string>;

TEST_CASE("an address is a host and a port") {
  const Address v4 = Address::parse("127.0.0.1:7007");
  CHECK(v4.host == "127.0.0.1");
  CHECK(v4.port == 7007);
  CHECK(v4.path.empty());

  const Address v6 = Address::parse("[2001:db8::1]:443");
  CHECK(v6.host == "2001:db8::1");
  CHECK(v6.port == 443);

  const Address name = Address::parse("my-host_2.example:65535");
  CHECK(name.host == "my-host_2.example");
  CHECK(name.port == 65535);

  const Address every = Address::parse(":0");
  CHECK(every.host.empty());
  CHECK(every.port == 0);
}

TEST_CASE("an address is a unix path") {
  const Address unix = Address::parse("unix:/run/echo:d/socket");
  CHECK(unix.path == "/run/echo:d/socket");
  CHECK(unix.host.empty());
  CHECK(unix.port == 0);
  CHECK(Address::parse("unix:/" + std::string(106, 'x')).path.size() == 107);
}

TEST_CASE("an address is an abstract unix name") {
  const Address address = Address::parse("unix:@echo");
  CHECK(address.path == "@echo");
  CHECK(address.socket_file().empty());
  CHECK(Address::parse("unix:/run/echo").socket_file() == "/run/echo");
  CHECK(listen_texts("unix:@echo") == Texts{"unix:@echo"});
  CHECK(connect_texts("unix:@echo") == Texts{"unix:@echo"});
  const Endpoint endpoint = endpoints_to_listen(address).front();
  const auto* local = reinterpret_cast<const sockaddr_un*>(endpoint.data());
  CHECK(endpoint.size() == offsetof(sockaddr_un, sun_path) + 5);
  CHECK(std::string_view(local->sun_path, 5) == std::string_view("\0echo", 5));
}

TEST_CASE("an address to connect to has a port") {
  CHECK(Address::parse_peer("127.0.0.1:7").port == 7);
  CHECK(Address::parse_peer("unix:/run/echo").path == "/run/echo");
  for (const std::string text : {":0", "127.0.0.1:0", "[::1]:0"}) {
    CAPTURE(text);
    try {
      Address::parse_peer(text);
      FAIL_CHECK("was accepted");
    } catch (const std::invalid_argument& error) {
      CHECK(error.what() ==
            "'" + text + "' has port 0, on which nothing listens; give the server's port");
    }
  }
}

TEST_CASE("an interface that does not exist is named") {
  const Address address = Address::parse("[fe80::1%nosuch9]:7007");
  const std::string expected =
      "cannot resolve fe80::1%nosuch9: there is no network interface 'nosuch9'";
  CHECK_THROWS_WITH(endpoints_to_connect(address), expected.c_str());
  CHECK_THROWS_WITH(endpoints_to_listen(address), expected.c_str());
}

TEST_CASE("an address is written as it was read") {
  for (const std::string text : {"127.0.0.1:7007", "[::1]:7007", "[fe80::1%lo]:1", ":7007", ":0",
                                 "localhost:65535", "unix:/run/echod.sock", "unix:@echod"}) {
    CHECK(Address::parse(text).text() == text);
  }
}

TEST_CASE("what is not an address is refused with the text and the reason") {
  struct Refusal {
    std::string text;
    std::string why;
  };
  const std::string port = "the port must be a number from 0 to 65535";
  const std::string character = "the host has a character that no name has";
  const std::vector<Refusal> refusals{
      {"", "the port is missing"},
      {"localhost", "the port is missing"},
      {"80", "the port is missing"},
      {"80abc", "the port is missing"},
      {"[::1]", "the port is missing"},
      {"[::1", "']' is missing"},
      {":", port},
      {"localhost:", port},
      {"localhost:-1", port},
      {"localhost:+1", port},
      {"localhost:65536", port},
      {"localhost:18446744073709551696", port},
      {"localhost:80abc", port},
      {"localhost: 80", port},
      {"localhost:80 ", port},
      {"localhost:0x50", port},
      {"localhost:http", port},
      {"::1:80", "an IPv6 address goes in brackets"},
      {"::1", "an IPv6 address goes in brackets"},
      {"[::1:80", "']' is missing"},
      {"[:80", "']' is missing"},
      {"[]:80", "between the brackets stands no IPv6 address"},
      {"[127.0.0.1]:80", "between the brackets stands no IPv6 address"},
      {"[::1%]x]:80", "between the brackets stands no IPv6 address"},
      {"[localhost]:80", "between the brackets stands no IPv6 address"},
      {"::1]:80", "an IPv6 address goes in brackets"},
      {"local host:80", character},
      {"http//localhost:80", character},
      {"localhost\n:80", character},
      {"[fe80::1]:80", "a link-local address needs its interface, such as [fe80::1%eth0]"},
      {"tcp://127.0.0.1:7", "write 127.0.0.1:7"},
      {"http://localhost:80/index.html", "write localhost:80"},
      {"tcp://", "leave the scheme out"},
      {"unix:", "the path is missing"},
      {"unix:@", "the path is missing"},
      {"unix:echod.sock", "a path begins with '/', an abstract name with '@'"},
      {"unix:./echod.sock", "a path begins with '/', an abstract name with '@'"},
      {"unix:/" + std::string(107, 'x'), "a path has at most 107 bytes"},
  };
  for (const Refusal& refusal : refusals) {
    const auto& text = refusal.text;
    CAPTURE(text);
    try {
      Address::parse(text);
      FAIL_CHECK("was accepted");
    } catch (const std::invalid_argument& error) {
      const std::string message = error.what();
      CHECK(message.starts_with("'" + text + "' is not an address such as 127.0.0.1:7007"));
      CHECK(message.ends_with(": " + refusal.why));
    }
  }
}

TEST_CASE("an address with a zero byte is refused") {
  // Else C functions would take what stands before it for the whole.
  for (const std::string_view text :
       {std::string_view("unix:/a\0b", 9), std::string_view("[::1\0x]:80", 10),
        std::string_view("a\0b:80", 6)}) {
    CHECK_THROWS_AS(Address::parse(text), std::invalid_argument);
  }
}

TEST_CASE("an endpoint is written as an address") {
  CHECK(to_text(tcp("127.0.0.1", 7007)) == "127.0.0.1:7007");
  CHECK(to_text(tcp("::1", 7007)) == "[::1]:7007");
  CHECK(to_text(tcp("::", 0)) == "[::]:0");
  CHECK(to_text(asio::local::stream_protocol::endpoint("/run/echod.sock")) ==
        "unix:/run/echod.sock");
}

TEST_CASE("an IPv4 client of an IPv6 socket reads as IPv4") {
  CHECK(to_text(tcp("::ffff:192.0.2.7", 1234)) == "192.0.2.7:1234");
}

TEST_CASE("an endpoint without a name is written all the same") {
  // What accept(2) gives for a client of a unix socket that did not bind: only the family.
  const sockaddr unnamed{.sa_family = AF_UNIX, .sa_data = {}};
  CHECK(to_text(Endpoint(&unnamed, sizeof unnamed.sa_family)) == "unix:");
}

TEST_CASE("listening on a literal address is listening there alone") {
  CHECK(listen_texts("127.0.0.1:0") == Texts{"127.0.0.1:0"});
  CHECK(listen_texts("127.0.0.1:7007") == Texts{"127.0.0.1:7007"});
  CHECK(listen_texts("[::1]:0") == Texts{"[::1]:0"});
  CHECK(listen_texts("unix:/run/echod.sock") == Texts{"unix:/run/echod.sock"});
}

TEST_CASE("listening without a host is listening on every interface with one socket") {
  const Texts found = listen_texts(":7007");
  REQUIRE(found.size() == 1);
  const bool every = found.front() == "[::]:7007" || found.front() == "0.0.0.0:7007";
  CHECK(every);
}

TEST_CASE("a name stands for each of its addresses once") {
  for (const Texts& found : {listen_texts("localhost:7007"), connect_texts("localhost:7007")}) {
    CHECK_FALSE(found.empty());
    CHECK(std::set<std::string>(found.begin(), found.end()).size() == found.size());
    for (const std::string& text : found) {
      CAPTURE(text);
      const bool loopback = text.starts_with("127.") || text == "[::1]:7007";
      CHECK(loopback);
    }
  }
}

TEST_CASE("connecting tries the literal address or this machine") {
  CHECK(connect_texts("127.0.0.1:7007") == Texts{"127.0.0.1:7007"});
  CHECK(connect_texts("[::1]:7007") == Texts{"[::1]:7007"});
  CHECK(connect_texts(":7007") == Texts{"127.0.0.1:7007", "[::1]:7007"});
  CHECK(connect_texts("unix:/run/echod.sock") == Texts{"unix:/run/echod.sock"});
}

TEST_CASE("a name that stands for nothing is named in the error") {
  // An empty label is no host name, so that no name server is asked.
  const Address nowhere = Address::parse("no..where:7007");
  try {
    endpoints_to_connect(nowhere);
    FAIL("was found");
  } catch (const std::runtime_error& error) {
    CHECK(std::string(error.what()).starts_with("cannot resolve no..where: "));
  }
  CHECK_THROWS_AS(endpoints_to_listen(nowhere), std::runtime_error);
}

}  // namespace
}  // namespace echo
