#include <doctest/doctest.h>
#include <poll.h>

#include <csignal>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/random_bytes.h"
#include "tests/support/scripted_server.h"
#include "tests/support/temporary_folder.h"

namespace echo::testing {
namespace {

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

TEST_CASE("bytes that come back wrong are passed on and give status 4 with their offset") {
  ScriptedServer server([](Socket& client, int) {
    std::string bytes = client.receive(10);
    bytes[7] = 'X';
    client.send(bytes);
    client.receive_until_end();
  });
  const Finished talk = run_program({ECHOC_PATH, server.address()}, "0123456789");
  CHECK(talk.status == 4);
  CHECK(talk.output == "0123456X89");
  CHECK(talk.errors == "echoc: " + server.address() + " sent back a wrong byte at offset 7\n");
}

TEST_CASE("bytes that came back wrong before an interruption give status 4") {
  ScriptedServer server([](Socket& client, int) {
    client.receive(4);
    client.send("01X3");
    client.receive_until_end();
  });
  Process talk({ECHOC_PATH, server.address()});
  talk.write("0123");
  talk.wait_for_output_size(4);
  talk.signal(SIGINT);
  CHECK(talk.wait() == 4);
  CHECK(talk.errors() == "echoc: " + server.address() + " sent back a wrong byte at offset 2\n");
}

TEST_CASE("bytes behind the last one and before the first one were never sent") {
  ScriptedServer doubling([](Socket& client, int) {
    client.send(client.receive(4));
    client.receive_until_end();
    client.send("3");
  });
  const Finished doubled = run_program({ECHOC_PATH, doubling.address()}, "0123");
  CHECK(doubled.status == 4);
  CHECK(doubled.output == "01233");
  CHECK(doubled.errors == "echoc: " + doubling.address() +
                              " sent more than it got: the byte at offset 4 was never sent\n");
  ScriptedServer greeting([](Socket& client, int) {
    client.send("hello");
    client.receive_until_end();
  });
  Process greeted({ECHOC_PATH, greeting.address()});
  greeted.wait_for_output_size(5);
  greeted.close_input();
  CHECK(greeted.wait() == 4);
  CHECK(greeted.errors().find("the byte at offset 0 was never sent") != std::string::npos);
}

TEST_CASE("a server that keeps all until the end of input is compared as well") {
  const std::string bytes = random_bytes(20'000'000);
  ScriptedServer server([&](Socket& client, int number) {
    std::string all = client.receive_until_end();
    if (number == 2) all[1'000'000] = static_cast<char>(all[1'000'000] ^ 1);
    client.send(all);
  });
  const Finished good = run_program({ECHOC_PATH, server.address()}, bytes);
  CHECK(good.status == 0);
  CHECK(good.output == bytes);
  const Finished bad = run_program({ECHOC_PATH, server.address()}, bytes);
  CHECK(bad.status == 4);
  CHECK(bad.errors.find(" sent back a wrong byte between the offsets 0 and ") != std::string::npos);
}

TEST_CASE("a server that returns everything and then resets fails") {
  ScriptedServer server([](Socket& client, int) {
    client.send(client.receive(4));
    client.receive_until_end();
    client.reset();
  });
  Process talk({ECHOC_PATH, server.address()});
  talk.write("0123");
  talk.wait_for_output_size(4);
  talk.close_input();
  CHECK(talk.wait() == 1);
  CHECK(talk.errors() == "echoc: " + server.address() +
                             " ended the connection (Connection reset by peer): "
                             "4 of 4 bytes came back\n");
}

TEST_CASE("a server that keeps its side open is waited for only so long") {
  WakeEvent over;
  ScriptedServer server([&](Socket& client, int number) {
    const std::string bytes = client.receive(10);
    client.send(bytes.substr(0, number == 1 ? 10 : 4));
    pollfd entry{over.descriptor(), POLLIN, 0};
    ::poll(&entry, 1, -1);
  });
  const std::vector<std::string> command{ECHOC_PATH, "talk", server.address(), "--timeout", "3s"};
  const Finished all = run_program(command, "0123456789");
  CHECK(all.status == 0);
  CHECK(all.output == "0123456789");
  CHECK(all.errors == "echoc: " + server.address() + " did not close its side within 3s\n");
  const Finished some = run_program(command, "0123456789");
  CHECK(some.status == 1);
  CHECK(some.errors ==
        "echoc: " + server.address() + " sent nothing for 3s: 4 of 10 bytes came back\n");
  over.signal();
}

TEST_CASE("a signal ends it with status 130") {
  ScriptedServer server(echo_script);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    Process talk({ECHOC_PATH, server.address()});
    talk.write("one\n");
    talk.wait_for_output("one");
    talk.signal(signal);
    CHECK(talk.wait() == 130);
  }
}

TEST_CASE("a usage error is one line and exit status 2") {
  const Finished talk = run_program({ECHOC_PATH, "--bogus"});
  CHECK(talk.status == 2);
  CHECK(talk.output == "");
  CHECK(talk.errors == "echoc: unknown option '--bogus'; see echoc talk --help\n");
}

}  // namespace
}  // namespace echo::testing
