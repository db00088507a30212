#include "server/core/server.h"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <list>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/thread.h"
#include "tests/server/core/server_fixture.h"
#include "tests/support/temporary_folder.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::distinct_bytes;
using testing::fill;
using testing::local_options;
using testing::RunningServer;
using testing::served_socket;
using testing::Socket;
using testing::TemporaryFolder;
using Clock = std::chrono::steady_clock;

// Sends all of it, half-closes, and returns everything that came back until FIN.
std::string echo_and_half_close(Socket& client, const std::string& text) {
  Thread sender("sender", [&] {
    client.send(text);
    client.finish_sending();
  });
  return client.receive_until_end();
}

TEST_CASE("keepalive is that of the options and after a reload of the new ones") {
  Options options = local_options();
  options.keepalive = 45s;
  RunningServer server(options);
  const auto first_probe_of_new_client = [&] {
    Socket client = server.connect();
    client.send("x");
    CHECK(client.receive(1) == "x");
    int on = 0;
    int idle = 0;
    socklen_t size = sizeof on;
    const int served = served_socket(client);
    REQUIRE(::getsockopt(served, SOL_SOCKET, SO_KEEPALIVE, &on, &size) == 0);
    REQUIRE(::getsockopt(served, IPPROTO_TCP, TCP_KEEPIDLE, &idle, &size) == 0);
    return on == 1 ? idle : 0;
  };
  CHECK(first_probe_of_new_client() == 45);
  options.keepalive = 90s;
  server->reconfigure(options);
  CHECK(first_probe_of_new_client() == 90);
  options.keepalive = 0s;
  server->reconfigure(options);
  CHECK(first_probe_of_new_client() == 0);
  options.keepalive = 45s;
  server->reconfigure(options);
  CHECK(first_probe_of_new_client() == 45);
}

TEST_CASE("many clients are served at once") {
  RunningServer server;
  std::list<Thread> threads;
  for (int i = 0; i < 50; ++i) {
    threads.emplace_back("client", [&server, i] {
      Socket client = server.connect();
      for (int n = 0; n < 20; ++n) {
        const std::string text = "client " + std::to_string(i) + " message " + std::to_string(n);
        client.send(text);
        CHECK(client.receive(text.size()) == text);
      }
    });
  }
  threads.clear();
  CHECK(server.closed_becomes(CloseCause::peer_closed, 50));
}

TEST_CASE("after a half-close every byte comes back and then FIN") {
  RunningServer server;
  for (const std::size_t size : {0UL, 1UL, 65536UL, 5'000'000UL}) {
    CAPTURE(size);
    Socket client = server.connect();
    const std::string text = distinct_bytes(size);
    CHECK(echo_and_half_close(client, text) == text);
  }
  CHECK(server.closed_becomes(CloseCause::peer_closed, 4));
  CHECK(server->counters().bytes_in == 5'065'537);
  CHECK(server->counters().bytes_out == 5'065'537);
}

TEST_CASE("the waits for a worker and for the first bytes are counted once a client") {
  RunningServer server;
  Socket silent = server.connect();
  Socket talking = server.connect();
  for (int i = 0; i < 10; ++i) {
    talking.send("hello");
    CHECK(talking.receive(5) == "hello");
  }
  silent.close();
  CHECK(server.closed_becomes(CloseCause::peer_closed, 1));
  const StatsSnapshot counters = server->counters();
  CHECK(counters.hand_over.count() == 2);
  CHECK(counters.hand_over.sum > 0ns);
  CHECK(counters.first_read.count() == 1);
  CHECK(counters.first_read.sum > 0ns);
}

TEST_CASE("IPv4 and IPv6 and unix sockets are served side by side") {
  const TemporaryFolder folder;
  Options options = local_options();
  options.listen.push_back(Address::parse("[::1]:0"));
  options.listen.push_back(Address::parse("unix:" + folder.file("socket")));
  RunningServer server(options);
  CHECK(server->addresses().size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    Socket client = server.connect(i);
    CHECK(echo_and_half_close(client, distinct_bytes(1000)) == distinct_bytes(1000));
  }
  server.stop();
  CHECK_FALSE(std::filesystem::exists(folder.file("socket")));
}

TEST_CASE("an address without a host serves IPv4 and IPv6") {
  Options options = local_options();
  options.listen = {Address::parse(":0")};
  RunningServer server(options);
  const std::string any = server->addresses().at(0);
  for (const std::string host : {"127.0.0.1", "[::1]"}) {
    Socket client = Socket::connect(host + any.substr(any.rfind(':')));
    CHECK(echo_and_half_close(client, "both") == "both");
  }
}

TEST_CASE("a unix socket left behind is taken over and a used one is not") {
  const TemporaryFolder folder;
  const std::string path = folder.file("socket");
  {
    const Endpoint endpoint = endpoints_to_connect(Address::parse("unix:" + path)).at(0);
    const Descriptor killed(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto size = static_cast<socklen_t>(endpoint.size());
    REQUIRE(::bind(killed.get(), endpoint.data(), size) == 0);
  }
  REQUIRE(std::filesystem::exists(path));
  Options options = local_options();
  options.listen = {Address::parse("unix:" + path)};
  RunningServer server(options);
  CHECK_THROWS_WITH_AS(
      testing::open_sockets_of(options),
      ("cannot listen on unix:" + path + ": Address already in use; see who has it with: ss -lxp")
          .c_str(),
      std::runtime_error);
  Socket client = server.connect();
  CHECK(echo_and_half_close(client, "still here") == "still here");
}

TEST_CASE("a file that is no socket is left alone") {
  const TemporaryFolder folder;
  const auto path = folder.file("precious");
  std::ofstream(path) << "data";
  Options options = local_options();
  options.listen = {Address::parse("unix:" + path)};
  CHECK_THROWS_AS(testing::open_sockets_of(options), std::runtime_error);
  CHECK(std::filesystem::file_size(path) == 4);
}

// Else the second of two small messages waits for the acknowledgement of the first, for 40 ms.
TEST_CASE("small messages do not wait for each other") {
  RunningServer server;
  Socket client = server.connect();
  client.send("hello");
  CHECK(client.receive(5) == "hello");
  int on = 0;
  socklen_t size = sizeof on;
  REQUIRE(::getsockopt(served_socket(client), IPPROTO_TCP, TCP_NODELAY, &on, &size) == 0);
  CHECK(on != 0);
}

TEST_CASE("urgent bytes are echoed in their place") {
  const TemporaryFolder folder;
  Options options = local_options();
  options.listen.push_back(Address::parse("unix:" + folder.file("socket")));
  RunningServer server(options);
  for (std::size_t i = 0; i < 2; ++i) {
    Socket client = server.connect(i);
    client.send("abc");
    CHECK(::send(client.descriptor(), "dX", 2, MSG_OOB) == 2);
    client.send("efg");
    client.finish_sending();
    CHECK(client.receive_until_end() == "abcdXefg");
  }
}

TEST_CASE("no urgent byte of a client is lost while it waits for a place") {
  Options options = local_options();
  options.admission.max_connections = 1;
  options.admission.when_full = WhenFull::wait;
  RunningServer server(options);
  Socket first = server.connect();
  first.send("ready");
  CHECK(first.receive(5) == "ready");
  Socket waiting = server.connect();
  const int on = 1;
  ::setsockopt(waiting.descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  for (const char* byte : {"a", "b", "c"}) {
    CHECK(::send(waiting.descriptor(), byte, 1, MSG_OOB) == 1);
  }
  waiting.finish_sending();
  first.close();
  CHECK(waiting.receive_until_end() == "abc");
}

TEST_CASE("a stop lets busy clients finish and loses nothing that was received") {
  RunningServer server;
  std::vector<Socket> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(server.connect());
  const std::string text = distinct_bytes(10'000);
  for (Socket& client : clients) {
    client.send("ready");
    CHECK(client.receive(5) == "ready");
    client.send(text);
  }
  const auto report = server.stop();
  CHECK(report.served == 20);
  CHECK(report.forced == 0);
  for (Socket& client : clients) CHECK(client.receive_until_end() == text);
}

TEST_CASE("a stop resets clients that do not finish within the drain timeout") {
  Options options = local_options();
  options.drain_timeout = 300ms;
  RunningServer server(options);
  Socket stuck = server.connect();
  fill(stuck);
  Socket good = server.connect();
  good.send("good");
  CHECK(good.receive(4) == "good");
  // On a busy machine 300 ms may be too few for the one that does finish.
  server->drain();
  CHECK(good.receive_until_end().empty());
  CHECK(server.closed_becomes(CloseCause::drained, 1));
  const auto begin = Clock::now();
  const auto report = server.stop();
  CHECK(Clock::now() - begin >= 300ms);
  CHECK(report.served == 2);
  CHECK(report.forced == 1);
  CHECK(stuck.is_reset());
}

TEST_CASE("a stop that is told to skip the wait does not wait") {
  Options options = local_options();
  options.drain_timeout = 24h;
  RunningServer server(options);
  Socket stuck = server.connect();
  fill(stuck);
  server.skip_wait().signal();
  CHECK(server.stop().forced == 1);
}

TEST_CASE("a server that is only destroyed resets its clients and does not wait for them") {
  Socket stuck = [] {
    Server server(local_options(), testing::open_sockets_of(local_options()));
    server.start();
    server.serve();
    Socket client = Socket::connect(server.addresses().at(0));
    fill(client);
    return client;
  }();
  CHECK(stuck.is_reset());
}

TEST_CASE("clients stay in the backlog until the server serves") {
  Server server(local_options(), testing::open_sockets_of(local_options()));
  server.start();
  CHECK_FALSE(server.serving());
  Socket client = Socket::connect(server.addresses().at(0));
  client.send("early");
  CHECK_FALSE(server.ready());
  CHECK(server.counters().accepted == 0);
  server.serve();
  CHECK(server.ready());
  CHECK(client.receive(5) == "early");
  client.close();
  server.drain();
  CHECK_FALSE(server.ready());
  CHECK(server.finish().served == 1);
}

TEST_CASE("an address of a name that this machine lacks is left out if there is another") {
  const Endpoint here = find_targets({Address::parse("127.0.0.1:0")}).at(0).endpoints.at(0);
  const Endpoint elsewhere = find_targets({Address::parse("192.0.2.1:0")}).at(0).endpoints.at(0);
  ListenTarget target{.endpoints = {elsewhere, here}, .is_name = true};
  CHECK(open_sockets({target}, 16).size() == 1);
  target.is_name = false;
  CHECK_THROWS_AS(open_sockets({target}, 16), std::runtime_error);
  target = {.endpoints = {elsewhere}, .is_name = true};
  CHECK_THROWS_WITH_AS(open_sockets({target}, 16),
                       "cannot listen on 192.0.2.1:0: Cannot assign requested address",
                       std::runtime_error);
}

TEST_CASE("nobody is accepted after a stop") {
  RunningServer server;
  const std::string address = server->addresses().at(0);
  server.stop();
  CHECK_THROWS(Socket::connect(address));
}

TEST_CASE("a client that resets is counted as such and disturbs nobody") {
  RunningServer server;
  Socket rude = server.connect();
  Socket good = server.connect();
  rude.send("x");
  CHECK(rude.receive(1) == "x");
  rude.reset();
  CHECK(server.closed_becomes(CloseCause::peer_reset, 1));
  CHECK(echo_and_half_close(good, "fine") == "fine");
}

TEST_CASE("counters include the bytes of clients that are still connected") {
  RunningServer server;
  Socket client = server.connect();
  client.send("12345");
  CHECK(client.receive(5) == "12345");
  CHECK(testing::eventually([&] { return server->counters().bytes_out == 5; }));
  CHECK(server->counters().accepted == 1);
}

}  // namespace
}  // namespace echo
