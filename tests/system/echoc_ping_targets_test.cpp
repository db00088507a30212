// echoc ping with several addresses at once.
#include <doctest/doctest.h>

#include <csignal>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/scripted_server.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

void say_nothing(Socket& client, int) {
  client.receive_until_end();
}

TEST_CASE("each of several addresses has its lines and its summary in their order") {
  Echod first({"-l", "127.0.0.1:0"});
  Echod second({"-l", "127.0.0.1:0"});
  const Finished ping =
      run_program({ECHOC_PATH, "ping", "-n", "3", "-i", "1ms", second.address(), first.address()});
  CHECK(ping.status == 0);
  CHECK(ping.errors == "");
  CAPTURE(ping.output);
  for (const std::string& address : {first.address(), second.address()}) {
    for (const char* number : {"1", "2", "3"}) {
      CHECK(has(ping.output, "64 bytes from " + address + ": seq=" + number + " time="));
    }
    CHECK(has(ping.output, "--- " + address + ": 3 sent, 3 echoed, 0 lost (0%), 0 corrupt\n"));
  }
  CHECK(ping.output.find("--- " + second.address()) < ping.output.find("--- " + first.address()));
}

TEST_CASE("a line names the target beside the address that it was found at") {
  Echod echod({"-l", "127.0.0.1:0"});
  const std::string named = ":" + echod.port();
  const Finished ping =
      run_program({ECHOC_PATH, "ping", "-n", "1", "-i", "1ms", named, echod.address()});
  CHECK(ping.status == 0);
  CAPTURE(ping.output);
  CHECK(has(ping.output, "64 bytes from " + named + " (" + echod.address() + "): seq=1 time="));
  CHECK(has(ping.output, "64 bytes from " + echod.address() + ": seq=1 time="));
}

TEST_CASE("a server that is silent delays no other one") {
  ScriptedServer silent(say_nothing);
  Echod echod({"-l", "127.0.0.1:0"});
  Process ping({ECHOC_PATH, "ping", "-i", "1ms", "-n", "1M", "--timeout", "1h", silent.address(),
                echod.address()});
  silent.wait_for_clients(1);
  ping.wait_for_output(echod.address() + ": seq=50 ");
  ping.signal(SIGINT);
  CHECK(ping.wait() == 130);
  CHECK(has(ping.output(), "--- " + silent.address() + ": "));
  CHECK(has(ping.output(), "--- " + echod.address() + ": "));
}

TEST_CASE("a server that stalls costs its own messages only") {
  ScriptedServer silent(say_nothing);
  Echod echod({"-l", "127.0.0.1:0"});
  const Finished ping = run_program({ECHOC_PATH, "ping", "-i", "1ms", "-n", "2", "--timeout",
                                     "300ms", silent.address(), echod.address()});
  CHECK(ping.status == 1);
  CAPTURE(ping.output);
  CHECK(has(ping.output, silent.address() + ": seq=1 lost: no answer within 300ms\n"));
  CHECK(has(ping.output, "--- " + silent.address() + ": 2 sent, 0 echoed, 2 lost (100%)"));
  CHECK(has(ping.output, "--- " + echod.address() + ": 2 sent, 2 echoed, 0 lost (0%)"));
}

TEST_CASE("the exit status is the most serious of all addresses") {
  ScriptedServer wrong([](Socket& client, int) {
    client.receive(64);
    client.send(std::string(64, 'x'));
    client.receive_until_end();
  });
  Echod echod({"-l", "127.0.0.1:0"});
  const std::string dead = address_without_server();
  const auto status = [](std::vector<std::string> addresses) {
    addresses.insert(addresses.begin(), {ECHOC_PATH, "ping", "-n", "1", "--seed", "1"});
    return run_program(addresses).status;
  };
  CHECK(status({echod.address(), dead}) == 1);
  CHECK(status({dead, echod.address()}) == 1);
  CHECK(status({echod.address(), wrong.address(), dead}) == 4);
}

TEST_CASE("of several addresses one that refuses is pinged until it answers and again after that") {
  const TemporaryFolder folder;
  const std::string path = "unix:" + folder.file("socket");
  Echod other({"-l", "127.0.0.1:0"});
  Process ping({ECHOC_PATH, "ping", "-i", "20ms", path, other.address()});
  ping.wait_for_output(path + ": seq=2 lost: cannot connect: tried " + path + " (No such file");
  {
    Echod late({"-l", path});
    ping.wait_for_output(path + ": connected in ");
    ping.wait_for_output(path + ": outage over: ");
    CHECK(late.stop() == 0);
  }
  Echod later({"-l", path});
  ping.wait_for_output(path + ": connected again in ");
  ping.signal(SIGINT);
  CHECK(ping.wait() == 1);
  CHECK(has(ping.output(), "--- " + other.address()));
  CHECK(has(ping.output(), ", 0 lost (0%)"));
}

TEST_CASE("SIGQUIT prints the summaries of all addresses so far and ping goes on") {
  Echod first({"-l", "127.0.0.1:0"});
  Echod second({"-l", "127.0.0.1:0"});
  Process ping({ECHOC_PATH, "ping", "-i", "1ms", first.address(), second.address()});
  ping.wait_for_output(first.address() + ": seq=2 ");
  ping.wait_for_output(second.address() + ": seq=2 ");
  ping.signal(SIGQUIT);
  ping.wait_for_output("--- " + first.address());
  ping.wait_for_output("--- " + second.address());
  const std::size_t size = ping.output().size();
  ping.wait_for_output_size(size + 1000);
  ping.signal(SIGTERM);
  CHECK(ping.wait() == 0);
  CHECK(ping.output().rfind("--- " + first.address()) > size);
  CHECK(ping.output().rfind("--- " + second.address()) > size);
}

}  // namespace
}  // namespace echo::testing
