#include <doctest/doctest.h>

#include <fstream>
#include <random>
#include <string>

#include "tests/support/process.h"
#include "tests/support/scripted_server.h"
#include "tests/support/temporary_folder.h"

namespace echo::testing {
namespace {

void echo_script(Socket& client, int) {
  echo_all(client);
}

std::string random_bytes(std::size_t size) {
  std::mt19937_64 random(size);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

TEST_CASE("a file comes back equal whatever its size") {
  ScriptedServer server(echo_script);
  const TemporaryFolder folder;
  for (const std::size_t size : {0UL, 1UL, 65'536UL, 50'000'000UL}) {
    CAPTURE(size);
    const std::string bytes = random_bytes(size);
    std::ofstream(folder.file("f"), std::ios::binary) << bytes;
    Process talk(
        {ECHOC_PATH, server.address()},
        {.input_file = folder.file("f"), .output_file = folder.file("g"), .environment = {}});
    CHECK(talk.wait() == 0);
    CHECK(talk.errors() == "");
    CHECK(read_file(folder.file("g")) == bytes);
  }
}

TEST_CASE("a pipe comes back equal and both directions flow at once") {
  ScriptedServer server(echo_script);
  const std::string bytes = random_bytes(5'000'000);
  const Finished talk = run_program({ECHOC_PATH, "talk", server.address()}, bytes);
  CHECK(talk.status == 0);
  CHECK(talk.errors == "");
  CHECK(talk.output == bytes);
}

TEST_CASE("a line comes back before the next one is typed") {
  ScriptedServer server(echo_script);
  Process talk({ECHOC_PATH, server.address()});
  talk.write("one\n");
  talk.wait_for_output("one");
  talk.write("two\n");
  talk.wait_for_output("two");
  talk.close_input();
  CHECK(talk.wait() == 0);
}

TEST_CASE("no server is one line with what was tried") {
  const std::string address = address_without_server();
  const Finished talk = run_program({ECHOC_PATH, address});
  CHECK(talk.status == 1);
  CHECK(talk.errors ==
        "echoc: cannot connect to " + address + ": tried " + address + " (Connection refused)\n");
}

TEST_CASE("a host that does not exist is one line") {
  const Finished talk = run_program({ECHOC_PATH, "no-such-host.invalid:7"});
  CHECK(talk.status == 1);
  CHECK(talk.errors.starts_with("echoc: cannot resolve no-such-host.invalid: "));
}

TEST_CASE("a server that closes too early is told with how much came back") {
  ScriptedServer server([](Socket& client, int) {
    client.receive(10);
    client.send("0123");
    client.finish_sending();
    client.receive_until_end();
  });
  const Finished talk = run_program({ECHOC_PATH, server.address()}, "0123456789");
  CHECK(talk.status == 1);
  CHECK(talk.output == "0123");
  CHECK(talk.errors ==
        "echoc: " + server.address() + " closed the connection: 4 of 10 bytes came back\n");
}

TEST_CASE("a server that resets is told with how much came back") {
  ScriptedServer server([](Socket& client, int) {
    client.receive(10);
    client.reset();
  });
  const Finished talk = run_program({ECHOC_PATH, server.address()}, "0123456789");
  CHECK(talk.status == 1);
  CHECK(talk.errors == "echoc: " + server.address() +
                           " ended the connection (Connection reset by peer): "
                           "0 of 10 bytes came back\n");
}

TEST_CASE("a server that closes while the input is silent ends it at once") {
  ScriptedServer server([](Socket& client, int) { echo_bytes(client, 4); });
  Process talk({ECHOC_PATH, server.address()});
  talk.write("0123");
  CHECK(talk.wait() == 1);
  CHECK(talk.output() == "0123");
  CHECK(talk.errors() == "echoc: " + server.address() +
                             " closed the connection: 4 of 4 bytes came back, "
                             "and the input had not ended\n");
}

TEST_CASE("a server that closes while it is flooded ends it") {
  ScriptedServer server([](Socket& client, int) {
    echo_bytes(client, 1'000'000);
    client.reset();
  });
  const TemporaryFolder folder;
  std::ofstream(folder.file("f"), std::ios::binary) << std::string(30'000'000, 'x');
  Process talk({ECHOC_PATH, server.address()},
               {.input_file = folder.file("f"), .output_file = {}, .environment = {}});
  CHECK(talk.wait() == 1);
  CHECK(talk.errors().find("bytes came back") != std::string::npos);
}

TEST_CASE("an output that nobody reads ends it with one line") {
  ScriptedServer server(echo_script);
  Process talk({ECHOC_PATH, server.address()});
  talk.close_output();
  talk.write("lost\n");
  CHECK(talk.wait() == 1);
  CHECK(talk.errors() == "echoc: cannot write to standard output: Broken pipe\n");
}

TEST_CASE("a full disk ends it with one line") {
  ScriptedServer server(echo_script);
  Process talk({ECHOC_PATH, server.address()},
               {.input_file = {}, .output_file = "/dev/full", .environment = {}});
  talk.write("lost\n");
  CHECK(talk.wait() == 1);
  CHECK(talk.errors() == "echoc: cannot write to standard output: No space left on device\n");
}

TEST_CASE("a usage error is one line and exit status 2") {
  const Finished talk = run_program({ECHOC_PATH, "--bogus"});
  CHECK(talk.status == 2);
  CHECK(talk.output == "");
  CHECK(talk.errors == "echoc: '--bogus' was not expected; see echoc talk --help\n");
}

}  // namespace
}  // namespace echo::testing
