// echoc ping with a reader that takes nothing, or with none.
#include <doctest/doctest.h>

#include <csignal>
#include <string>

#include "tests/support/eventually.h"
#include "tests/support/proc.h"
#include "tests/support/process.h"
#include "tests/support/scripted_server.h"

namespace echo::testing {
namespace {

// Once its standard output is full, as long as nothing waits for more of it.
void signal_when_full(Process& ping, int number) {
  REQUIRE(eventually([&] { return waits_to_write(ping.id()); }));
  ping.signal(number);
  REQUIRE(eventually([&] { return !has_pending_signals(ping.id()); }));
}

TEST_CASE("SIGQUIT adds a summary to an output that is full and ping goes on") {
  ScriptedServer server(echo_script);
  Process ping({ECHOC_PATH, "ping", "-i", "1ms", server.address()});
  signal_when_full(ping, SIGQUIT);
  ping.wait_for_output("--- ");
  const std::string last = ping.output().substr(ping.output().rfind(": seq=") + 6);
  ping.wait_for_output(": seq=" + std::to_string(std::stoi(last) + 1) + " ");
  CHECK(ping.errors_now() == "");
}

TEST_CASE("SIGINT ends a ping whose output is full") {
  ScriptedServer server(echo_script);
  Process ping({ECHOC_PATH, "ping", "-i", "1ms", server.address()});
  signal_when_full(ping, SIGINT);
  CHECK(ping.wait() == 1);
  CHECK(ping.errors() == "echoc: cannot write to standard output: Interrupted system call\n");
}

TEST_CASE("wrong bytes give exit status 4 though nobody reads the output") {
  ScriptedServer server([](Socket& client, int) {
    client.receive(64);
    client.send(std::string(64, 'x'));
  });
  const Finished ping = run_program({"sh", "-c", "exec \"$@\" >/dev/full", "sh", ECHOC_PATH, "ping",
                                     "-n", "1", server.address()});
  CHECK(ping.status == 4);
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
