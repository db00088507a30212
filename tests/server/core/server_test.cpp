#include "server/core/server.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <list>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "common/thread.h"
#include "tests/server/core/server_fixture.h"
#include "tests/support/temporary_folder.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::local_options;
using testing::RunningServer;
using testing::Socket;
using testing::TemporaryFolder;
using Clock = std::chrono::steady_clock;

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 251);
  return text;
}

// Sends all of it, half-closes, and returns everything that came back until FIN.
std::string echo_and_half_close(Socket& client, const std::string& text) {
  Thread sender("sender", [&] {
    client.send(text);
    client.finish_sending();
  });
  return client.receive_until_end();
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
    const std::string text = pattern(size);
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
    CHECK(echo_and_half_close(client, pattern(1000)) == pattern(1000));
  }
  server.stop();
  CHECK_FALSE(std::filesystem::exists(folder.file("socket")));
}

TEST_CASE("an address without a host serves IPv4 and IPv6") {
  Options options = local_options();
  options.listen = {Address::parse(":0")};
  RunningServer server(options);
  const std::string address = server->addresses().at(0);
  const std::string port = address.substr(address.rfind(':'));
  for (const std::string host : {"127.0.0.1", "[::1]"}) {
    Socket client = Socket::connect(host + port);
    CHECK(echo_and_half_close(client, "both") == "both");
  }
}

TEST_CASE("a unix socket left behind is taken over and a used one is not") {
  const TemporaryFolder folder;
  const std::string path = folder.file("socket");
  {
    asio::io_context context;
    asio::basic_socket_acceptor<StreamProtocol> killed(context);
    const Endpoint endpoint = endpoints_to_connect(Address::parse("unix:" + path)).at(0);
    killed.open(endpoint.protocol());
    killed.bind(endpoint);
  }
  REQUIRE(std::filesystem::exists(path));
  Options options = local_options();
  options.listen = {Address::parse("unix:" + path)};
  RunningServer server(options);
  CHECK_THROWS_WITH_AS(Server{options},
                       ("cannot listen on unix:" + path + ": Address already in use").c_str(),
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
  CHECK_THROWS_AS(Server{options}, std::runtime_error);
  CHECK(std::filesystem::file_size(path) == 4);
}

TEST_CASE("the port file names every address that was bound") {
  const TemporaryFolder folder;
  Options options = local_options();
  options.listen.push_back(Address::parse("[::1]:0"));
  options.port_file = folder.file("ports");
  RunningServer server(options);
  std::ostringstream text;
  text << std::ifstream(options.port_file).rdbuf();
  CHECK(text.str() == server->addresses().at(0) + "\n" + server->addresses().at(1) + "\n");
}

TEST_CASE("a port file that cannot be written is an error that names it") {
  Options options = local_options();
  options.port_file = "/nowhere/ports";
  Server server(options);
  CHECK_THROWS_WITH_AS(server.start(),
                       "cannot write the port file /nowhere/ports: No such file or directory",
                       std::runtime_error);
}

TEST_CASE("a silent client is closed as idle and not before its time") {
  Options options = local_options();
  options.idle_timeout = 200ms;
  RunningServer server(options);
  const auto connected = Clock::now();
  Socket client = server.connect();
  CHECK(client.receive_some().empty());
  CHECK(Clock::now() - connected >= 200ms);
  CHECK(server.closed_becomes(CloseCause::idle, 1));
}

TEST_CASE("a client that sends keeps its connection beyond the idle timeout") {
  Options options = local_options();
  options.idle_timeout = 4s;
  RunningServer server(options);
  Socket client = server.connect();
  for (const auto until = Clock::now() + 9s; Clock::now() < until;) {
    client.send("x");
    CHECK(client.receive(1) == "x");
  }
  CHECK(server->counters().closed_as(CloseCause::idle) == 0);
}

// Sends until neither side's buffers take any more.
void fill(Socket& client) {
  const std::string text = pattern(1 << 20);
  pollfd room{client.descriptor(), POLLOUT, 0};
  while (::poll(&room, 1, 300) == 1) {
    if (::send(client.descriptor(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
      return;
    }
  }
}

// Takes bytes for longer than the timeouts of these tests, yet with pauses far below them.
void receive_slowly(Socket& client) {
  for (const auto until = Clock::now() + 9s; Clock::now() < until;) {
    CHECK(client.receive(4096).size() == 4096);
    std::this_thread::sleep_for(5ms);  // time is the subject
  }
}

TEST_CASE("a client that only receives keeps its connection beyond the idle timeout") {
  Options options = local_options();
  options.idle_timeout = 4s;
  RunningServer server(options);
  Socket client = server.connect();
  fill(client);
  receive_slowly(client);
  CHECK(server->counters().closed_as(CloseCause::idle) == 0);
}

// A client whose kernel takes few bytes for it.
Socket connect_with_small_buffer(RunningServer& server) {
  Socket client = server.connect();
  const int size = 4096;
  ::setsockopt(client.descriptor(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  return client;
}

TEST_CASE("a client that takes what the kernel holds for it keeps its connection") {
  Options options = local_options();
  options.idle_timeout = 4s;
  RunningServer server(options);
  Socket client = connect_with_small_buffer(server);
  const std::string text = pattern(1'000'000);
  client.send(text);
  CHECK(testing::eventually([&] { return server->counters().bytes_out == text.size(); }));
  std::string back;
  for (const auto until = Clock::now() + 9s; Clock::now() < until;) {
    back += client.receive(1024);
    // Time is the subject: the server's worker waits for bytes that do not come.
    std::this_thread::sleep_for(10ms);
  }
  client.finish_sending();
  CHECK(back + client.receive_until_end() == text);
  CHECK(server.closed_becomes(CloseCause::peer_closed, 1));
}

TEST_CASE("a client that takes nothing is reset when the idle timeout is over") {
  Options options = local_options();
  options.idle_timeout = 1s;
  options.write_timeout = 0s;
  RunningServer server(options);
  Socket client = server.connect();
  fill(client);
  CHECK(server.closed_becomes(CloseCause::idle, 1));
  CHECK(client.is_reset());
}

TEST_CASE("what was received and cannot be sent ends in a reset and never in FIN") {
  Options options = local_options();
  options.write_timeout = 500ms;
  RunningServer server(options);
  Socket client = connect_with_small_buffer(server);
  // Until the worker holds bytes that it can't send, with nothing unread behind them: closing with
  // unread bytes would make the kernel reset by itself.
  std::uint64_t sent = 0;
  do {
    client.send(pattern(60'000));
    sent += 60'000;
    CHECK(testing::eventually([&] { return server->counters().bytes_in == sent; }));
  } while (testing::eventually_within(100ms, [&] { return server->counters().bytes_out == sent; }));
  CHECK(server.closed_becomes(CloseCause::stalled, 1));
  CHECK(client.is_reset());
}

TEST_CASE("a client that takes nothing is reset as stalled and not before its time") {
  Options options = local_options();
  options.write_timeout = 1s;
  RunningServer server(options);
  Socket client = server.connect();
  fill(client);
  const auto filled = Clock::now() - 300ms;  // when fill saw that nothing moved any more
  CHECK(server.closed_becomes(CloseCause::stalled, 1));
  CHECK(Clock::now() - filled >= 700ms);
  CHECK(client.is_reset());
}

TEST_CASE("a client that takes nothing is stalled though only the kernel holds its bytes") {
  Options options = local_options();
  options.write_timeout = 1s;
  RunningServer server(options);
  Socket client = connect_with_small_buffer(server);
  client.send(pattern(100'000));
  CHECK(testing::eventually([&] { return server->counters().bytes_out == 100'000; }));
  CHECK(server.closed_becomes(CloseCause::stalled, 1));
}

TEST_CASE("a client that takes its bytes slowly does not stall") {
  Options options = local_options();
  options.write_timeout = 4s;
  RunningServer server(options);
  Socket client = server.connect();
  fill(client);
  receive_slowly(client);
  CHECK(server->counters().closed_as(CloseCause::stalled) == 0);
}

TEST_CASE("a client is closed at the end of its lifetime however busy it is") {
  Options options = local_options();
  options.max_lifetime = 300ms;
  RunningServer server(options);
  Socket silent = server.connect();
  Socket busy = server.connect();
  Thread sender("sender", [&] {
    while (busy.try_send(pattern(65536))) {
    }
  });
  CHECK(silent.receive_until_end().empty());
  try {
    while (!busy.receive_some().empty()) {
    }
  } catch (const std::runtime_error&) {  // a reset in the middle of its stream
  }
  CHECK(server.closed_becomes(CloseCause::lifetime, 2));
}

TEST_CASE("a stop lets busy clients finish and loses nothing that was received") {
  RunningServer server;
  std::vector<Socket> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(server.connect());
  const std::string text = pattern(10'000);
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

TEST_CASE("a stop resets who does not finish within the drain timeout") {
  Options options = local_options();
  options.drain_timeout = 300ms;
  RunningServer server(options);
  Socket stuck = server.connect();
  fill(stuck);
  Socket good = server.connect();
  good.send("good");
  CHECK(good.receive(4) == "good");
  const auto begin = Clock::now();
  const auto report = server.stop();
  CHECK(Clock::now() - begin >= 300ms);
  CHECK(report.served == 2);
  CHECK(report.forced == 1);
  CHECK(stuck.is_reset());
  CHECK(good.receive_until_end().empty());
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
