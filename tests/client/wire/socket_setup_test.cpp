#include "client/wire/socket_setup.h"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

#include "client/wire/dialer.h"
#include "client/wire/tcp_state.h"
#include "common/poll.h"
#include "common/usage_error.h"

namespace echo {
namespace {

using namespace std::chrono_literals;

// Takes what connects, on whatever port is free; over IPv6 by IPv4 too.
class FamilyListener {
 public:
  explicit FamilyListener(int family) : socket_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int off = 0;
    if (family == AF_INET6)
      ::setsockopt(socket_.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    REQUIRE(::listen(socket_.get(), 16) == 0);
    sockaddr_in6 bound{};
    socklen_t size = sizeof bound;
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&bound), &size);
    port_ = std::to_string(ntohs(bound.sin6_port));
  }
  std::string port() const { return port_; }

 private:
  Descriptor socket_;
  std::string port_;
};

EffectiveSocket dialed(const std::string& address, const SocketOptions& options) {
  Route route(endpoints_to_connect(Address::parse(address)));
  Dialer dialer(route, nullptr, 5s, &options);
  dialer.dial(std::chrono::steady_clock::now());
  while (dialer.state() == Dialer::State::connecting) {
    std::array<pollfd, 1> entry{{{dialer.socket(), POLLOUT, 0}}};
    REQUIRE(poll_until(entry, dialer.deadline()));
    dialer.on_ready(std::chrono::steady_clock::now());
  }
  REQUIRE(dialer.state() == Dialer::State::connected);
  const Descriptor connection = dialer.take();
  CHECK(tcp_state(connection.get()));
  return effective_socket(connection.get());
}

const SocketOptions kAll{46, "reno", 100 * 1024, 50 * 1024, true};

TEST_CASE("a connected socket has what was asked for over IPv4") {
  const FamilyListener listener(AF_INET);
  const EffectiveSocket wanted{46, "reno", 200 * 1024, 100 * 1024, false};
  CHECK(dialed("127.0.0.1:" + listener.port(), kAll) == wanted);
}

TEST_CASE("a connected socket has what was asked for over IPv6 and to a mapped address") {
  const FamilyListener listener(AF_INET6);
  const EffectiveSocket wanted{46, "reno", 200 * 1024, 100 * 1024, false};
  CHECK(dialed("[::1]:" + listener.port(), kAll) == wanted);
  CHECK(dialed("[::ffff:127.0.0.1]:" + listener.port(), kAll) == wanted);
}

TEST_CASE("a socket that nothing is asked of has no mark and no delay") {
  const FamilyListener listener(AF_INET);
  const EffectiveSocket effective = dialed("127.0.0.1:" + listener.port(), {});
  CHECK(effective.dscp == 0U);
  CHECK(effective.nodelay == true);
  CHECK(effective.send_buffer > 0);
  CHECK_FALSE(effective.congestion->empty());
}

std::string usage_error(const SocketOptions& options, const std::string& address) {
  try {
    check_socket_options(options, Address::parse(address));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("a congestion control that there is not is refused with those that there are") {
  for (const char* name : {"nope", "name_that_is_too_long"}) {
    SocketOptions options;
    options.congestion = name;
    const std::string line = usage_error(options, "127.0.0.1:7");
    CHECK(line.find("--congestion: '" + std::string(name) + "' is not ") == 0);
    CHECK(line.find("available are: ") != line.npos);
    CHECK(line.find("reno") != line.npos);
  }
}

TEST_CASE("a unix socket has buffers and nothing of TCP") {
  const std::string suffix = " is of TCP, and unix:/s is a unix socket";
  SocketOptions dscp;
  dscp.dscp = 0;
  SocketOptions congestion;
  congestion.congestion = "reno";
  SocketOptions nagle;
  nagle.no_nodelay = true;
  SocketOptions buffers;
  buffers.send_buffer = buffers.receive_buffer = 4096;
  CHECK(usage_error(dscp, "unix:/s") == "--dscp" + suffix);
  CHECK(usage_error(congestion, "unix:/s") == "--congestion" + suffix);
  CHECK(usage_error(nagle, "unix:/s") == "--no-nodelay" + suffix);
  CHECK(usage_error(buffers, "unix:/s").empty());
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  CHECK_FALSE(effective_socket(socket.get()).dscp);
  CHECK_FALSE(effective_socket(socket.get()).nodelay);
  CHECK_FALSE(tcp_state(socket.get()));
}

TEST_CASE("a mark is a name in any case or a number") {
  CHECK(parse_dscp("ef") == 46);
  CHECK(parse_dscp("CS0") == 0);
  CHECK(parse_dscp("cs7") == 56);
  CHECK(parse_dscp("AF11") == 10);
  CHECK(parse_dscp("AF43") == 38);
  CHECK(parse_dscp("VA") == 44);
  CHECK(parse_dscp("LE") == 1);
  CHECK(parse_dscp("63") == 63);
  CHECK(dscp_text(46) == "46 (EF)");
  CHECK(dscp_text(63) == "63");
  for (const char* text : {"", "64", "-1", "AF14", "CS8", "46x", "0x2e"}) {
    CHECK_THROWS_AS(parse_dscp(text), std::invalid_argument);
  }
}

}  // namespace
}  // namespace echo
