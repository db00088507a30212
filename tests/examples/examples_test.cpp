#include <doctest/doctest.h>

#include <csignal>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/socket.h"

namespace echo::testing {
namespace {

std::string example(const std::string& name) {
  return EXAMPLES_FOLDER "/" + name;
}

TEST_CASE("ten threads say their numbers") {
  const Finished run = run_program({example("ten_threads")});
  CHECK(run.status == 0);
  CHECK(run.errors == "");
  std::multiset<std::string> said;
  std::istringstream lines(run.output);
  for (std::string line; std::getline(lines, line);) said.insert(line);
  std::multiset<std::string> wanted{"main started 10 threads"};
  for (int i = 1; i <= 10; ++i) wanted.insert("Hello from thread " + std::to_string(i));
  CHECK(said == wanted);
}

TEST_CASE("a timer says hello once while main goes on") {
  // Long enough for main to go on, on a busy machine too.
  const Finished run = run_program({example("hello_timer"), "5s"});
  CHECK(run.status == 0);
  CHECK(run.output == "main goes on while the timer runs\nhello, world\n");
  const Finished wrong = run_program({example("hello_timer"), "soon"});
  CHECK(wrong.status == 2);
  CHECK(wrong.output == "");
  CHECK(wrong.errors.find("'soon'") != std::string::npos);
}

TEST_CASE("two timers wait for clients again and again until a signal ends them") {
  Process beats({example("two_beats"), "50ms", "30ms"});
  const auto said = [&](const std::string& line) {
    int count = 0;
    for (std::size_t at = 0; (at = beats.output().find(line, at)) != std::string::npos; ++at) {
      ++count;
    }
    return count;
  };
  while (said("Waiting for client 1...\n") < 3 || said("Waiting for client 2...\n") < 3) {
    beats.wait_for_output_size(beats.output().size() + 1);
  }
  beats.signal(SIGINT);
  CHECK(beats.wait() == 0);
}

TEST_CASE("the smallest server echoes to clients at the same time until a signal ends it") {
  Process server({example("small_echo_server"), "127.0.0.1:0"});
  const std::string line = server.wait_for_output("listening on ");
  const std::string address = line.substr(line.find("127."));
  Socket one = Socket::connect(address);
  Socket two = Socket::connect(address);
  two.send("from two");
  CHECK(two.receive(8) == "from two");
  one.send("from one");
  one.finish_sending();
  CHECK(one.receive_until_end() == "from one");
  two.send("again");
  CHECK(two.receive(5) == "again");
  server.signal(SIGTERM);
  CHECK(server.wait() == 0);
}

}  // namespace
}  // namespace echo::testing
