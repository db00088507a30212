#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "tests/server/core/server_fixture.h"
#include "tests/support/descriptor_limit.h"
#include "tests/support/proc.h"
#include "tests/support/temporary_folder.h"

// Admission as clients of a server meet it.
namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::DescriptorLimit;
using testing::eventually;
using testing::local_options;
using testing::ProcessorLoad;
using testing::RunningServer;
using testing::Socket;

Options options_with(const AdmissionLimits& limits) {
  Options options = local_options();
  options.admission = limits;
  return options;
}

bool is_echoed(Socket& client, const std::string& text) {
  client.send(text);
  return client.receive(text.size()) == text;
}

// Closed or reset before a byte came; throws when neither happens.
bool is_refused(Socket& client) {
  try {
    return client.receive_some().empty();
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::connection_reset) return true;
    throw;
  }
}

Socket connect_from(const std::string& ip, const std::string& server) {
  Socket client(Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)));
  const auto call = [&](auto function, const std::string& address) {
    const Endpoint endpoint = endpoints_to_connect(Address::parse(address)).at(0);
    const auto size = static_cast<socklen_t>(endpoint.size());
    REQUIRE(function(client.descriptor(), endpoint.data(), size) == 0);
  };
  call(::bind, ip + ":0");
  call(::connect, server);
  return client;
}

TEST_CASE("ten are served and twenty refused and then a free slot is used" *
          doctest::test_suite("one driver")) {
  RunningServer server(options_with({.max_connections = 10}));
  std::vector<Socket> served;
  for (int i = 0; i < 10; ++i) {
    served.push_back(server.connect());
    CHECK(is_echoed(served.back(), "hello"));
  }
  for (int i = 0; i < 20; ++i) {
    Socket refused = server.connect();
    CHECK(is_refused(refused));
  }
  CHECK(server->counters().closed_as(CloseCause::full) == 20);
  CHECK(server->threads().busy == 10);
  for (Socket& client : served) CHECK(is_echoed(client, "still here"));

  served.pop_back();
  CHECK(eventually([&] { return server->admitted().connections == 9; }));
  Socket next = server.connect();
  CHECK(is_echoed(next, "a free slot"));
  CHECK(server->threads().busy + server->threads().parked == 10);
  CHECK(server.stop().served == 11);
}

TEST_CASE("refused clients that send and never read hold nobody up") {
  RunningServer server(options_with({.max_connections = 1}));
  Socket served = server.connect();
  CHECK(is_echoed(served, "hello"));
  std::vector<Socket> refused;
  for (int i = 0; i < 50; ++i) {
    refused.push_back(server.connect());
    refused.back().try_send(std::string(100'000, 'x'));
    CHECK(is_echoed(served, "still here"));
  }
  CHECK(server.closed_becomes(CloseCause::full, 50));
  for (Socket& client : refused) CHECK(is_refused(client));
  CHECK(server->counters().closed_as(CloseCause::peer_reset) == 0);
}

TEST_CASE("one address has its share and another one its own") {
  RunningServer server(options_with({.max_per_address = 2}));
  const std::string address = server->addresses().at(0);
  {
    std::vector<Socket> served;
    for (const char* ip : {"127.0.0.1", "127.0.0.1", "127.0.0.2"}) {
      served.push_back(connect_from(ip, address));
      CHECK(is_echoed(served.back(), ip));
    }
    Socket refused = connect_from("127.0.0.1", address);
    CHECK(is_refused(refused));
    CHECK(server->counters().closed_as(CloseCause::per_address) == 1);
    CHECK(server->admitted().addresses == 2);
  }
  CHECK(eventually([&] { return server->admitted().addresses == 0; }));
  CHECK(server->admitted().connections == 0);
}

TEST_CASE("who is denied is refused on every socket and the others are served") {
  AdmissionLimits limits;
  limits.deny = {Cidr::parse("127.0.0.0/8")};
  Options options = options_with(limits);
  const testing::TemporaryFolder folder;
  options.listen = {Address::parse(":0"), Address::parse("unix:" + folder.file("socket"))};
  RunningServer server(options);
  const std::string any = server->addresses().at(0);
  const std::string port = any.substr(any.rfind(':'));
  Socket denied = Socket::connect("127.0.0.1" + port);
  CHECK(is_refused(denied));
  CHECK(server->counters().closed_as(CloseCause::denied) == 1);
  Socket ipv6 = Socket::connect("[::1]" + port);
  CHECK(is_echoed(ipv6, "over IPv6"));
  Socket local = server.connect(1);
  CHECK(is_echoed(local, "over a unix socket"));
}

TEST_CASE("where some are allowed the rest is refused") {
  AdmissionLimits limits;
  limits.allow = {Cidr::parse("127.0.0.2")};
  RunningServer server(options_with(limits));
  const std::string address = server->addresses().at(0);
  Socket refused = connect_from("127.0.0.1", address);
  CHECK(is_refused(refused));
  Socket served = connect_from("127.0.0.2", address);
  CHECK(is_echoed(served, "welcome"));
}

TEST_CASE("the client that waits is served when another one leaves") {
  RunningServer server(options_with({.max_connections = 10, .when_full = WhenFull::wait}));
  std::vector<Socket> served;
  for (int i = 0; i < 10; ++i) {
    served.push_back(server.connect());
    CHECK(is_echoed(served.back(), "hello"));
  }
  std::vector<Socket> waiting;
  for (int i = 0; i < 10; ++i) {
    waiting.push_back(server.connect());
    waiting.back().send("at last");
  }
  for (int i = 0; i < 10; ++i) {
    CHECK(server->counters().accepted == static_cast<std::uint64_t>(10 + i));
    served.pop_back();
    CHECK(waiting.at(static_cast<std::size_t>(i)).receive(7) == "at last");
  }
  CHECK(server->counters().refused() == 0);
}

// How much a thread that waits runs at most, in percent: one that spins runs all the time.
constexpr double kIdleLoad = 25;

TEST_CASE("a full server with waiting clients does nothing and stops at once") {
  Options options = options_with({.max_connections = 1, .when_full = WhenFull::wait});
  options.drain_timeout = 24h;
  RunningServer server(options);
  Socket served = server.connect();
  CHECK(is_echoed(served, "hello"));
  std::vector<Socket> waiting;
  for (int i = 0; i < 10; ++i) waiting.push_back(server.connect());

  const ProcessorLoad load(::getpid());
  std::this_thread::sleep_for(500ms);  // time is the subject: what a wait costs
  CHECK(load.of_busiest_thread() < kIdleLoad);

  CHECK(server.stop().served == 1);
  for (Socket& client : waiting) CHECK(is_refused(client));
}

// Before a limit: accept4 takes a descriptor before it looks at the queue, so a call that had begun
// earlier would still serve one client.
void wait_for_listener() {
  REQUIRE(eventually([] { return testing::waits_for_events(::getpid(), "listener"); }));
}

TEST_CASE("without descriptors the listener pauses and serves the queue once there are some") {
  RunningServer server;
  const Endpoint address = endpoints_to_connect(Address::parse(server->addresses().at(0))).at(0);
  Socket early = server.connect();
  CHECK(is_echoed(early, "before"));
  std::vector<Socket> clients;
  for (int i = 0; i < 64; ++i) {
    clients.emplace_back(Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)));
  }
  const auto failed = [&] { return server->counters().failed_as(AcceptError::descriptors); };
  wait_for_listener();
  {
    // Below this are the standard streams alone, so nothing that a thread closes makes room.
    const DescriptorLimit squeeze(3);
    for (Socket& client : clients) {
      const auto size = static_cast<socklen_t>(address.size());
      REQUIRE(::connect(client.descriptor(), address.data(), size) == 0);
    }
    CHECK(eventually([&] { return failed() >= 1; }));
    const auto begin = std::chrono::steady_clock::now();
    const auto seen = failed();
    CHECK(eventually([&] { return failed() >= seen + 4; }));
    // Four tries take at least three pauses of 100 ms.
    CHECK(std::chrono::steady_clock::now() - begin > 250ms);
    CHECK(is_echoed(early, "meanwhile"));
    CHECK(server->counters().accepted == 1);
  }
  for (Socket& client : clients) CHECK(is_echoed(client, "in turn"));
  CHECK(server->counters().accepted == 65);
  CHECK(server->counters().refused() == 0);
}

TEST_CASE("a limit of descriptors below those in use costs nothing and a stop is heard") {
  RunningServer server;
  Socket client(Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)));
  const Endpoint address = endpoints_to_connect(Address::parse(server->addresses().at(0))).at(0);
  wait_for_listener();
  const ProcessorLoad load(::getpid());
  const DescriptorLimit squeeze(2);
  REQUIRE(::connect(client.descriptor(), address.data(), static_cast<socklen_t>(address.size())) ==
          0);
  std::this_thread::sleep_for(500ms);  // time is the subject: what a shortage costs
  CHECK(load.of_busiest_thread() < kIdleLoad);
  CHECK(server->counters().accepted == 0);
  CHECK(server.stop().served == 0);
  CHECK(is_refused(client));
}

}  // namespace
}  // namespace echo
