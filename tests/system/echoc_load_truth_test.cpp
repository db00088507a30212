// What a load reports must be true also when echoc itself is stopped, the server hangs for good, or
// nobody reads what is printed.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <mutex>
#include <string>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/proc.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/echoc_load.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

// What was sent became something, and nothing else did.
void check_sum(const json& messages) {
  const auto at = [&](const char* key) { return messages.at(key).get<int>(); };
  CHECK(at("sent") == at("echoed") + at("corrupt") + at("timed_out") + at("lost"));
}

TEST_CASE("a stop of echoc itself shows in how late its messages left") {
  std::atomic<bool> has_begun = false;
  ScriptedServer server([&](Socket& client, int) {
    client.send(client.receive(64));
    has_begun = true;
    echo_all(client);
  });
  // With a slot for each message that is due in the stop: one that waits for another's answer is
  // held up by the server.
  Process load(
      load_command(server.address(), {"-r", "1000", "-d", "4s", "-c", "10", "--pipeline", "200"}));
  REQUIRE(eventually([&] { return has_begun.load(); }));
  stop_for(1s, load.id());
  CHECK(load.wait() == 0);
  const json result = json::parse(load.output());
  CHECK(result.at("latency").at("count") == 4000);
  // A message is due each millisecond, and the 40 that were due first in the stop left last.
  CHECK(result.at("send_lateness").at("percentiles").at("99") >= 950'000.0);
}

TEST_CASE("what a hanging server keeps from leaving is unsent and nothing is forgotten") {
  ScriptedServer server([&](Socket& client, int number) {
    if (number == 1) echo_bytes(client, 10 * 64);
    client.receive_until_end();
  });
  const Load load(server.address(), {"-c", "1", "-r", "100", "-d", "1s", "--timeout", "2s"});
  const json& messages = load.messages();
  CHECK(messages.at("echoed") == 10);
  CHECK(messages.at("timed_out") > 0);
  CHECK(messages.at("unsent") > 0);
  CHECK(messages.at("sent").get<int>() + messages.at("unsent").get<int>() == 100);
  check_sum(messages);
  int errors = 0;
  for (const json& row : load.result.at("intervals")) errors += row.at("errors").get<int>();
  CHECK(errors == 90 + load.connections().at("lost").get<int>());
}

TEST_CASE("the answers of another run are found wrong") {
  std::mutex mutex;
  std::string recorded;
  ScriptedServer server([&](Socket& client, int number) {
    const std::string bytes = client.receive(64);
    const std::lock_guard lock(mutex);
    if (number == 1) recorded = bytes;
    client.send(recorded);
  });
  CHECK(Load(server.address(), {"-c", "1", "-n", "1"}).status == 0);
  CHECK(Load(server.address(), {"-c", "1", "-n", "1"}).status == 4);
}

TEST_CASE("with its seed a run sends the same bytes again") {
  std::mutex mutex;
  std::vector<std::string> received;
  ScriptedServer server([&](Socket& client, int) {
    const std::string bytes = client.receive(64);
    client.send(bytes);
    const std::lock_guard lock(mutex);
    received.push_back(bytes);
  });
  for (const char* seed : {"5", "5", "6"}) {
    CHECK(Load(server.address(), {"-c", "1", "-n", "1", "--seed", seed}).status == 0);
  }
  REQUIRE(eventually([&] {
    const std::lock_guard lock(mutex);
    return received.size() == 3;
  }));
  CHECK(received[0] == received[1]);
  CHECK(received[0] != received[2]);
}

TEST_CASE("live lines that nobody takes hold nothing up") {
  Echod echod({"-l", "127.0.0.1:0"});
  const TemporaryFolder folder;
  const std::string fifo = folder.file("fifo");
  ::mkfifo(fifo.c_str(), 0600);
  const Descriptor reader(::open(fifo.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  while (::write(reader.get(), "x", 1) == 1) {
  }
  Process load({"sh", "-c", "exec \"$@\" 2>\"$0\"", fifo, ECHOC_PATH, "load", echod.address(), "-i",
                "100ms", "-d", "2s", "-r", "100", "--json", "-"});
  CHECK(load.wait() == 0);
  // One row each, and not one for each second that a line was waited for.
  CHECK(json::parse(load.output()).at("intervals").size() >= 8);
}

TEST_CASE("a count begins when the warm-up is over") {
  Echod echod({"-l", "127.0.0.1:0"});
  const Load closed(echod.address(), {"-c", "2", "-n", "100", "--warmup", "100ms"});
  CHECK(closed.status == 0);
  CHECK(closed.messages().at("echoed") == 100);
  CHECK(closed.result.at("bytes").at("sent") == 6400);
  const Load open(echod.address(),
                  {"-c", "3", "-n", "100", "-r", "1000", "--warmup", "50ms", "--ramp-up", "50ms"});
  CHECK(open.status == 0);
  CHECK(open.messages().at("echoed") == 100);
}

TEST_CASE("the last interval ends when an interrupted run ends") {
  Echod echod({"-l", "127.0.0.1:0"});
  for (int i = 0; i < 5; ++i) {
    Process load(load_command(echod.address(), {"-c", "4", "-r", "400", "-d", "1h", "-i", "50ms"}));
    load.wait_for_error("connections 4");
    load.signal(SIGINT);
    CHECK(load.wait() == 130);
    const json result = json::parse(load.output());
    const double duration = result.at("duration_s");
    CHECK(std::abs(result.at("intervals").back().at("at_s").get<double>() - duration) <= 1e-6);
    int echoed = 0;
    for (const json& row : result.at("intervals")) echoed += row.at("echoed").get<int>();
    CHECK(result.at("messages").at("echoed") == echoed);
  }
}

TEST_CASE("a count against a server that only accepts and closes has an end") {
  ScriptedServer server([](Socket& client, int) { client.close(); });
  const Load load(server.address(), {"-c", "1", "-n", "1000000", "--timeout", "300ms"});
  CHECK(load.status == 1);
  CHECK(load.messages().at("unsent") > 0);
  CHECK(load.messages().at("sent").get<int>() + load.messages().at("unsent").get<int>() ==
        1'000'000);
  CHECK(load.connections().at("failed") == 1);
}

TEST_CASE("a count whose server is gone in the warm-up has an end") {
  ScriptedServer server([](Socket& client, int number) {
    if (number == 1) echo_bytes(client, 64);
    client.close();
  });
  const Load load(server.address(),
                  {"-c", "1", "-n", "100", "--warmup", "1s", "--timeout", "300ms"});
  CHECK(load.status == 1);
  CHECK(load.messages().at("sent") == 0);
  CHECK(load.messages().at("unsent") == 100);
  CHECK(load.result.at("duration_s").get<double>() >= 0);
}

TEST_CASE("a wrong byte in the warm-up is told and kept out of the sum") {
  ScriptedServer server([](Socket& client, int number) {
    if (number > 1) return echo_all(client);
    std::string bytes = client.receive(64);
    bytes[3] ^= 1;
    client.send(bytes);
  });
  const Load load(server.address(), {"-c", "1", "-r", "100", "--warmup", "300ms", "-d", "200ms"});
  CHECK(load.status == 4);
  CHECK(load.messages().at("sent") == 20);
  CHECK(load.messages().at("corrupt") == 0);
  CHECK(load.result.at("corruptions").size() == 1);
  check_sum(load.messages());
}

TEST_CASE("failures in the warm-up are in no figure") {
  ScriptedServer server([](Socket& client, int number) {
    if (number > 1) return echo_all(client);
    client.receive_until_end();
  });
  const Load load(server.address(),
                  {"-c", "1", "-r", "100", "--warmup", "6s", "-d", "200ms", "--timeout", "2s"});
  CHECK(load.status == 0);
  CHECK(load.messages().at("echoed") == 20);
  CHECK(load.result.at("errors").at("timeout") == 0);
  CHECK(load.connections().at("lost") == 0);
}

TEST_CASE("a byte behind the last answer of each replaced connection is found") {
  ScriptedServer server([](Socket& client, int) {
    echo_bytes(client, 64);
    client.receive_until_end();
    client.send("x");
  });
  const Load load(server.address(), {"-c", "2", "-n", "20", "--messages-per-connection", "1"});
  CHECK(load.status == 4);
  CHECK(load.messages().at("echoed") == 20);
  CHECK(load.messages().at("corrupt") == 20);
}

TEST_CASE("a signal while only the end of the connections is awaited leaves the result whole") {
  std::atomic<int> ended{0};
  WakeEvent over;
  // Answers all, and keeps its side open when the client has closed its own.
  ScriptedServer server([&](Socket& client, int) {
    echo_bytes(client, 5 * 64);
    client.receive_until_end();
    ++ended;
    pollfd entry{over.descriptor(), POLLIN, 0};
    ::poll(&entry, 1, -1);
  });
  Process load(load_command(server.address(), {"-c", "2", "-n", "10"}));
  REQUIRE(eventually([&] { return ended == 2; }));
  load.signal(SIGINT);
  CHECK(load.wait() == 0);
  CHECK(json::parse(load.output()).at("partial") == false);
  over.signal();
}

TEST_CASE("SIGHUP ends a run like SIGINT unless it was ignored") {
  Echod echod({"-l", "127.0.0.1:0"});
  Process load(load_command(echod.address(), {"-d", "1h", "-i", "10ms"}));
  load.wait_for_error("connections 10");
  load.signal(SIGHUP);
  CHECK(load.wait() == 130);
  CHECK(json::parse(load.output()).at("partial") == true);

  std::vector<std::string> command{"env", "--ignore-signal=HUP"};
  for (auto& word : load_command(echod.address(), {"-d", "300ms", "-i", "10ms"})) {
    command.push_back(word);
  }
  Process deaf(command);
  deaf.wait_for_error("connections 10");
  deaf.signal(SIGHUP);
  CHECK(deaf.wait() == 0);
}

TEST_CASE("answers that come when an interrupted run has given up are not unexpected bytes") {
  std::atomic<bool> has_message{false};
  ScriptedServer server([&](Socket& client, int) {
    const std::string bytes = client.receive(64);
    has_message = true;
    client.receive_until_end();
    client.send(bytes);
  });
  Process load(load_command(server.address(), {"-c", "1", "-d", "1h", "--timeout", "1h"}));
  REQUIRE(eventually([&] { return has_message.load(); }));
  load.signal(SIGINT);
  CHECK(load.wait() == 130);
  CHECK(json::parse(load.output()).at("messages").at("corrupt") == 0);
}

}  // namespace
}  // namespace echo::testing
