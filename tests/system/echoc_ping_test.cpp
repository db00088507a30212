#include <doctest/doctest.h>

#include <csignal>
#include <string>

#include "tests/support/process.h"
#include "tests/support/scripted_server.h"

namespace echo::testing {
namespace {

void echo_script(Socket& client, int) {
  echo_all(client);
}

bool has(const std::string& text, const std::string& part) {
  CAPTURE(text);
  CHECK(text.find(part) != std::string::npos);
  return text.find(part) != std::string::npos;
}

TEST_CASE("ping says a line for each message and a summary") {
  ScriptedServer server(echo_script);
  const Finished ping = run_program({ECHOC_PATH, "ping", "-n", "3", "-i", "1ms", server.address()});
  CHECK(ping.status == 0);
  CHECK(ping.errors == "");
  has(ping.output, "64 bytes from " + server.address() + ": seq=1 time=");
  has(ping.output, ": seq=3 time=");
  has(ping.output, "3 sent, 3 echoed, 0 lost (0%), 0 corrupt\ntime min/avg/p50/p99/max = ");
  CHECK(server.accepted() == 1);
}

TEST_CASE("a ping larger than all buffers comes back") {
  ScriptedServer server(echo_script);
  const Finished ping =
      run_program({ECHOC_PATH, "ping", "-n", "2", "-i", "1ms", "-s", "64M", server.address()});
  CHECK(ping.status == 0);
  has(ping.output, "67108864 bytes from");
  has(ping.output, "2 sent, 2 echoed");
}

TEST_CASE("a ping without a server is one line with what was tried") {
  const std::string address = address_without_server();
  const Finished ping = run_program({ECHOC_PATH, "ping", address});
  CHECK(ping.status == 1);
  CHECK(ping.errors ==
        "echoc: cannot connect to " + address + ": tried " + address + " (Connection refused)\n");
}

TEST_CASE("a lost connection costs its message and is made anew") {
  ScriptedServer server([](Socket& client, int number) {
    if (number == 1) {
      client.send(client.receive(64).substr(0, 5));
    } else if (number == 2) {
      client.receive(64);
      client.reset();
    } else {
      echo_all(client);
    }
  });
  const Finished ping = run_program({ECHOC_PATH, "ping", "-n", "4", "-i", "1ms", server.address()});
  CHECK(ping.status == 1);
  CHECK(server.accepted() == 3);
  has(ping.output, "seq=1 lost: the server closed the connection after 5 of 64 bytes");
  has(ping.output, "seq=2 lost: Connection reset by peer after 0 of 64 bytes");
  has(ping.output, "4 sent, 2 echoed, 2 lost (50%), 0 corrupt");
}

TEST_CASE("a server that stalls costs the message after its timeout") {
  ScriptedServer server([](Socket& client, int number) {
    if (number > 1) return echo_all(client);
    client.receive_until_end();
  });
  const Finished ping = run_program(
      {ECHOC_PATH, "ping", "-n", "2", "-i", "1ms", "--timeout", "50ms", server.address()});
  CHECK(ping.status == 1);
  has(ping.output, "seq=1 lost: no answer within 50ms");
}

TEST_CASE("a wrong byte is shown with its place and gives exit status 4") {
  ScriptedServer server([](Socket& client, int) {
    std::string bytes = client.receive(64);
    bytes[17] ^= 1;
    client.send(bytes);
    echo_all(client);
  });
  const Finished ping = run_program({ECHOC_PATH, "ping", "-n", "1", "-i", "1ms", server.address()});
  CHECK(ping.status == 4);
  has(ping.output, "seq=1 corrupt: byte 17 of 64 is 0x");
  has(ping.output, "1 sent, 0 echoed, 0 lost (0%), 1 corrupt");
}

TEST_CASE("swapped bytes are found where they begin") {
  ScriptedServer server([](Socket& client, int) {
    std::string bytes = client.receive(64);
    std::swap(bytes[20], bytes[21]);
    client.send(bytes);
    client.receive_until_end();
  });
  const Finished ping = run_program({ECHOC_PATH, "ping", "-n", "1", "-i", "1ms", server.address()});
  CHECK(ping.status == 4);
  has(ping.output, "seq=1 corrupt: byte 20 of 64 is 0x");
}

TEST_CASE("a doubled last byte is found even behind the last message") {
  ScriptedServer server([](Socket& client, int) {
    const std::string bytes = client.receive(64);
    client.send(bytes);
    client.receive_until_end();
    client.send(bytes.substr(63));
  });
  const Finished ping = run_program({ECHOC_PATH, "ping", "-n", "1", "-i", "1ms", server.address()});
  CHECK(ping.status == 4);
  has(ping.output, "a byte that was never sent came behind seq=1");
}

TEST_CASE("SIGINT ends an endless ping with its summary and the status of its result") {
  ScriptedServer server(echo_script);
  Process ping({ECHOC_PATH, "ping", "-i", "1ms", server.address()});
  ping.wait_for_output("seq=5 ");
  ping.signal(SIGINT);
  CHECK(ping.wait() == 0);
  has(ping.output(), " 0 lost (0%), 0 corrupt\n");
}

TEST_CASE("SIGTERM before the count is reached gives exit status 130") {
  ScriptedServer server(echo_script);
  Process ping({ECHOC_PATH, "ping", "-n", "1000", "-i", "1h", server.address()});
  ping.wait_for_output("seq=1 ");
  ping.signal(SIGTERM);
  CHECK(ping.wait() == 130);
  has(ping.output(), "1 sent, 1 echoed");
}

TEST_CASE("SIGINT ends a ping that waits for a server which answers nothing") {
  ScriptedServer server([](Socket& client, int) { client.receive_until_end(); });
  Process ping({ECHOC_PATH, "ping", "--timeout", "1h", "-n", "1", server.address()});
  server.wait_for_clients(1);
  ping.signal(SIGINT);
  CHECK(ping.wait() == 130);
}

TEST_CASE("an output that nobody reads ends ping with one line") {
  ScriptedServer server(echo_script);
  Process ping({ECHOC_PATH, "ping", "-i", "1ms", server.address()});
  ping.close_output();
  CHECK(ping.wait() == 1);
  CHECK(ping.errors() == "echoc: cannot write to standard output: Broken pipe\n");
}

}  // namespace
}  // namespace echo::testing
