#include <doctest/doctest.h>
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/support/process.h"
#include "tests/support/scripted_server.h"
#include "tests/support/text.h"

namespace echo::testing {
namespace {

using namespace std::chrono_literals;

TEST_CASE("ping says a line for each message and a summary") {
  ScriptedServer server(echo_script);
  const Finished ping = run_program({ECHOC_PATH, "ping", "-n", "3", "-i", "1ms", server.address()});
  CHECK(ping.status == 0);
  CHECK(ping.errors == "");
  has_text(ping.output, "64 bytes from " + server.address() + ": seq=1 time=");
  has_text(ping.output, ": seq=3 time=");
  has_text(ping.output, "3 sent, 3 echoed, 0 lost (0%), 0 corrupt\ntime min/avg/p50/p99/max = ");
  CHECK(server.accepted() == 1);
}

TEST_CASE("a quiet ping says the summary only and counts with c as with n") {
  ScriptedServer server([](Socket& client, int number) {
    if (number > 1) return echo_all(client);
    client.receive(64);
    client.reset();
  });
  const Finished ping =
      run_program({ECHOC_PATH, "ping", "-q", "-c", "3", "-i", "1ms", server.address()});
  CHECK(ping.status == 1);
  CHECK(ping.errors == "");
  CAPTURE(ping.output);
  CHECK(ping.output.starts_with("--- " + server.address() + ": 3 sent, 2 echoed, 1 lost "));
  has_text(ping.output, "\n1 outage, the longest: 1 lost in ");
  CHECK(ping.output.find("seq=") == std::string::npos);
}

TEST_CASE("a quiet ping still says which byte was wrong") {
  ScriptedServer server([](Socket& client, int) {
    std::string bytes = client.receive(64);
    bytes[17] ^= 1;
    client.send(bytes);
    echo_all(client);
  });
  const Finished ping = run_program({ECHOC_PATH, "ping", "-q", "-n", "1", server.address()});
  CHECK(ping.status == 4);
  has_text(ping.output, "seq=1 corrupt: byte 17 of 64 is 0x");
}

TEST_CASE("ping puts the time before each line but not before the summary") {
  const auto seconds = [] {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(now).count();
  };
  ScriptedServer server(echo_script);
  const auto before = seconds();
  const Finished ping =
      run_program({ECHOC_PATH, "ping", "-D", "-n", "2", "-i", "1ms", server.address()});
  const auto after = seconds();
  CHECK(ping.status == 0);
  CAPTURE(ping.output);
  std::istringstream lines(ping.output);
  for (int i = 1; i <= 2; ++i) {
    std::string line;
    REQUIRE(std::getline(lines, line));
    const std::size_t point = line.find('.');
    REQUIRE(line.starts_with("["));
    REQUIRE(point != std::string::npos);
    const long long stamp = std::stoll(line.substr(1, point - 1));
    CHECK(stamp >= before);
    CHECK(stamp <= after);
    CHECK(line.substr(point + 7).starts_with("] 64 bytes from "));
  }
  std::string summary;
  std::getline(lines, summary);
  CHECK(summary.starts_with("--- "));
}

TEST_CASE("a ping larger than all buffers comes back") {
  ScriptedServer server(echo_script);
  const Finished ping =
      run_program({ECHOC_PATH, "ping", "-n", "2", "-i", "1ms", "-s", "64M", server.address()});
  CHECK(ping.status == 0);
  has_text(ping.output, "67108864 bytes from");
  has_text(ping.output, "2 sent, 2 echoed");
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
  has_text(ping.output, "seq=1 lost: the server closed the connection after 5 of 64 bytes");
  has_text(ping.output, "seq=2 lost: Connection reset by peer after 0 of 64 bytes");
  has_text(ping.output, "4 sent, 2 echoed, 2 lost (50%), 0 corrupt");
  has_text(ping.output, ": outage over: 2 lost in ");
  has_text(ping.output, "1 outage, the longest: 2 lost in ");
}

TEST_CASE("a server that stalls costs the message after its timeout") {
  ScriptedServer server([](Socket& client, int number) {
    if (number > 1) return echo_all(client);
    client.receive_until_end();
  });
  const Finished ping = run_program(
      {ECHOC_PATH, "ping", "-n", "2", "-i", "1ms", "--timeout", "50ms", server.address()});
  CHECK(ping.status == 1);
  has_text(ping.output, "seq=1 lost: no answer within 50ms");
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
  has_text(ping.output, "seq=1 corrupt: byte 17 of 64 is 0x");
  has_text(ping.output, "1 sent, 0 echoed, 0 lost (0%), 1 corrupt");
}

// The bytes are those of one seed: any two of them are alike once in 256.
TEST_CASE("swapped bytes are found where they begin") {
  ScriptedServer server([](Socket& client, int) {
    std::string bytes = client.receive(64);
    std::swap(bytes[20], bytes[21]);
    client.send(bytes);
    client.receive_until_end();
  });
  const Finished ping =
      run_program({ECHOC_PATH, "ping", "-n", "1", "-i", "1ms", "--seed", "1", server.address()});
  CHECK(ping.status == 4);
  has_text(ping.output, "seq=1 corrupt: byte 20 of 64 is 0x");
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
  has_text(ping.output, "a byte that was never sent came behind seq=1");
}

TEST_CASE("SIGINT ends an endless ping with its summary and the status of its result") {
  ScriptedServer server(echo_script);
  // So that none is without its answer when the signal comes: on a busy machine it may be for long.
  Process ping({ECHOC_PATH, "ping", "-i", "1h", server.address()});
  ping.wait_for_output("seq=1 ");
  ping.signal(SIGINT);
  CHECK(ping.wait() == 0);
  has_text(ping.output(), ": 1 sent, 1 echoed, 0 lost (0%), 0 corrupt\n");
}

TEST_CASE("SIGTERM before the count is reached gives exit status 130") {
  ScriptedServer server(echo_script);
  Process ping({ECHOC_PATH, "ping", "-n", "1000", "-i", "1h", server.address()});
  ping.wait_for_output("seq=1 ");
  ping.signal(SIGTERM);
  CHECK(ping.wait() == 130);
  has_text(ping.output(), "1 sent, 1 echoed");
}

TEST_CASE("SIGINT ends a ping that waits for a server which answers nothing") {
  ScriptedServer server([](Socket& client, int) { client.receive_until_end(); });
  Process ping({ECHOC_PATH, "ping", "--timeout", "1h", "-n", "1", server.address()});
  server.wait_for_clients(1);
  ping.signal(SIGINT);
  CHECK(ping.wait() == 130);
}

TEST_CASE("an answer that comes twice is echoed and its second copy was never sent") {
  ScriptedServer server([](Socket& client, int) {
    const std::string bytes = client.receive(64);
    client.send(bytes + bytes);
    client.receive_until_end();
  });
  const Finished ping = run_program({ECHOC_PATH, "ping", "-n", "1", server.address()});
  CHECK(ping.status == 4);
  has_text(ping.output, "a byte that was never sent came behind seq=1: 0x");
  has_text(ping.output, "1 sent, 1 echoed, 0 lost (0%), 1 corrupt");
}

TEST_CASE("a reset between two messages is called a reset") {
  ScriptedServer server([](Socket& client, int number) {
    if (number > 1) return echo_all(client);
    echo_bytes(client, 64);
    client.reset();
  });
  Process ping({ECHOC_PATH, "ping", "-n", "2", "-i", "200ms", server.address()});
  CHECK(ping.wait() == 0);
  has_text(ping.output(), ": Connection reset by peer between messages\n");
  has_text(ping.output(), ": connected again in ");
}

TEST_CASE("the answers of another ping are found wrong") {
  std::mutex mutex;
  std::string recorded;
  ScriptedServer server([&](Socket& client, int number) {
    const std::string bytes = client.receive(64);
    const std::lock_guard lock(mutex);
    if (number == 1) recorded = bytes;
    client.send(recorded);
  });
  CHECK(run_program({ECHOC_PATH, "ping", "-n", "1", server.address()}).status == 0);
  CHECK(run_program({ECHOC_PATH, "ping", "-n", "1", server.address()}).status == 4);
  CHECK(run_program({ECHOC_PATH, "ping", "-n", "1", "--seed", "7", server.address()}).status == 4);
}

TEST_CASE("intervals that a late answer has covered are counted") {
  ScriptedServer server([](Socket& client, int) {
    const std::string bytes = client.receive(64);
    std::this_thread::sleep_for(300ms);  // the delay is what covers them
    client.send(bytes);
    echo_all(client);
  });
  const Finished ping =
      run_program({ECHOC_PATH, "ping", "-n", "3", "-i", "10ms", server.address()});
  CHECK(ping.status == 0);
  has_text(ping.output, " intervals skipped while an answer or a connection was awaited\n");
}

TEST_CASE("a message that is long without an answer is lost when a signal ends ping") {
  std::atomic<bool> has_third{false};
  ScriptedServer server([&](Socket& client, int) {
    echo_bytes(client, 2 * 64);
    client.receive(64);
    has_third = true;
    client.receive_until_end();
  });
  Process ping({ECHOC_PATH, "ping", "-i", "1ms", "--timeout", "1h", server.address()});
  ping.wait_for_output("seq=2 ");
  REQUIRE(eventually([&] { return has_third.load(); }));
  double longest = 0;  // ms, of the two that were answered
  for (std::size_t at = 0; (at = ping.output().find("time=", at)) != std::string::npos; ++at) {
    longest = std::max(longest, std::stod(ping.output().substr(at + 5)));
  }
  std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(200 + 4 * longest));
  ping.signal(SIGINT);
  CHECK(ping.wait() == 1);
  has_text(ping.output(), "seq=3 unanswered for ");
  has_text(ping.output(), "3 sent, 2 echoed, 1 lost (33.33%)");
}

TEST_CASE("SIGQUIT prints the summary so far and ping goes on") {
  ScriptedServer server(echo_script);
  // The last signal comes behind an answer, long before the next message.
  Process ping({ECHOC_PATH, "ping", "-i", "1s", server.address()});
  ping.wait_for_output("seq=1 ");
  ping.signal(SIGQUIT);
  const std::string line = ping.wait_for_output("--- ");
  const std::size_t size = ping.output().size();
  ping.wait_for_output("seq=2 ");
  ping.signal(SIGHUP);
  CHECK(ping.wait() == 0);
  CHECK(ping.output().rfind("--- ") > size);
}

TEST_CASE("a server that keeps its side open is told") {
  WakeEvent over;
  ScriptedServer server([&](Socket& client, int) {
    echo_bytes(client, 64);
    pollfd entry{over.descriptor(), POLLIN, 0};
    ::poll(&entry, 1, -1);
  });
  const Finished ping =
      run_program({ECHOC_PATH, "ping", "-n", "1", "--timeout", "2s", server.address()});
  CHECK(ping.status == 0);
  has_text(ping.output, ": the server did not close its side within 1s\n");
  over.signal();
}

}  // namespace
}  // namespace echo::testing
