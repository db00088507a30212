// Searches at servers that do wrong or go away, and for outputs that cannot be written.
#include <sys/resource.h>
#include <sys/time.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"
#include "tests/system/echoc_find_rate.h"

namespace echo::testing {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

double cpu_seconds_of_children() {
  rusage use{};
  ::getrusage(RUSAGE_CHILDREN, &use);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

// Echoes all, each message after 200 ms.
void echo_late(Socket& client) {
  for (std::string bytes = client.receive_some(); !bytes.empty(); bytes = client.receive_some()) {
    std::this_thread::sleep_for(200ms);  // the delay is what misses the objective
    client.send(bytes);
  }
}

TEST_CASE("a search at an address that refuses ends with status 1 and leaves its file alone") {
  const TemporaryFolder folder;
  write_file(folder.file("json"), "as it was");
  const std::string address = address_without_server();
  for (const std::vector<std::string>& range : {std::vector<std::string>{"-q"}, {"--to", "200"}}) {
    std::vector<std::string> command{
        ECHOC_PATH, "load", address, "--find-rate", "p99<1s", "--json", folder.file("json")};
    command.insert(command.end(), range.begin(), range.end());
    const Finished finished = run_program(command);
    CHECK(finished.status == 1);
    CHECK(has(finished.errors, "cannot connect to " + address));
    CHECK(read_file(folder.file("json")) == "as it was");
  }
}

TEST_CASE("wrong bytes end a search with status 4") {
  PacedServer server(std::make_unique<TokenBucket>(1000, 1));
  server.corrupt_from_now_on();
  for (const std::vector<std::string>& range : {std::vector<std::string>{"-q"}, {"--to", "200"}}) {
    std::vector<std::string> options{"--find-rate", "p99<1h,errors<100%"};
    options.insert(options.end(), range.begin(), range.end());
    const Search found = search(server.address(), options);
    CHECK(found.status == 4);
    CHECK(found.rate() == 0);
    CHECK(found.found().at("complete") == false);
    CHECK(found.messages().at("corrupt") > 0);
    CHECK(has(found.errors, " came back wrong"));
  }
}

TEST_CASE("wrong bytes in the answer to a probe end a search with status 4") {
  // Two connections make the first trial, and the third is the probe that follows its miss. One
  // that sends nothing is not the search's: the client of another test may look for its server at
  // this port.
  std::atomic<int> senders = 0;
  ScriptedServer server([&](Socket& client, int) {
    std::string bytes = client.receive_some();
    if (bytes.empty()) return;
    if (++senders != 3) {
      std::this_thread::sleep_for(200ms);  // as echo_late
      client.send(bytes);
      return echo_late(client);
    }
    bytes[20] ^= 1;
    client.send(bytes);
    echo_all(client);
  });
  const Search found = search(server.address(), {"-c", "2", "--find-rate", "p99<100ms", "--from",
                                                 "5", "--to", "5", "-d", "1s"});
  CHECK(found.status == 4);
  CHECK(found.messages().at("corrupt") == 1);
  CHECK(found.result.at("corruptions").at(0).at("offset") == 20);
  CHECK(found.found().at("trials").size() == 1);
}

// A server with a burst meets in short runs what it does not in long ones, so that there are
// several of these. On a busy machine there may be less; wrong bytes are status 4 wherever.
TEST_CASE("wrong bytes after a long run that met its objective end a search with status 4") {
  PacedServer server(std::make_unique<TokenBucket>(50, 60));
  Process echoc(
      load_command(server.address(), {"-i", "1h", "--find-rate", "p99<100ms", "--from", "40",
                                      "--to", "80", "--precision", "5%", "-d", "3s"}));
  try {
    echoc.wait_for_error("/s for 3s: met");
  } catch (const std::runtime_error&) {
    MESSAGE("no long run met its objective");
  }
  server.corrupt_from_now_on();
  const int status = echoc.wait();
  const json result = json::parse(echoc.output());
  if (server.corrupted() > 0) {
    CHECK(status == 4);
    CHECK(result.at("messages").at("corrupt") > 0);
  } else {
    CHECK(status == status_of_search(result));
  }
}

TEST_CASE("a server that is gone between two runs ends a search with status 1") {
  std::atomic<bool> is_gone = false;
  ScriptedServer server([&](Socket& client, int number) {
    if (number > 1) return;
    echo_all(client);
    is_gone = true;
  });
  const Search found = search(server.address(), {"-c", "1", "--find-rate", "p99<1h", "--from", "10",
                                                 "--to", "1000", "-d", "1s"});
  CHECK(is_gone);
  CHECK(found.status == 1);
  CHECK(found.rate() == 0);
  CHECK(found.found().at("complete") == false);
  CHECK(has(found.errors, "the server answered nothing for 10s after "));
}

TEST_CASE("an address that refuses from the second run on has met nothing") {
  PacedServer server(std::make_unique<TokenBucket>(1000, 1));
  server.refuse_after(1);
  const Search found = search(server.address(), {"-c", "1", "--find-rate", "p99<1h", "--from", "10",
                                                 "--to", "1000", "-d", "1s"});
  CHECK(found.status == 1);
  CHECK(found.rate() == 0);
  CHECK(found.found().at("complete") == false);
  REQUIRE(found.found().at("trials").size() == 1);
  CHECK(found.found().at("trials").at(0).at("rate") == 10);
  CHECK(has(found.errors, "the server answered nothing for 10s after "));
  // It was asked now and then and not without a break.
  CHECK(cpu_seconds_of_children() < 5);
}

TEST_CASE("an output that takes nothing does not cost the report of a search") {
  PacedServer server(std::make_unique<TokenBucket>(1000, 1));
  for (const char* option : {"--csv", "--hlog"}) {
    const Finished finished =
        run_program({ECHOC_PATH, "load", server.address(), option, "/dev/full", "--find-rate",
                     "p99<1h", "--from", "10", "--to", "10", "-d", "1s"});
    CHECK(finished.status != 0);
    CHECK(has(finished.output, "\nfound        "));
    CHECK(has(finished.errors, "cannot write /dev/full: No space left on device"));
  }
}

TEST_CASE("the files of a search are those of the run that it reports") {
  PacedServer server(std::make_unique<TokenBucket>(1000, 1));
  const TemporaryFolder folder;
  const Search found =
      search(server.address(), {"--find-rate", "p99<1h", "--from", "10", "--to", "20", "-d", "1s",
                                "--csv", folder.file("csv"), "--hlog", folder.file("hlog")});
  const std::string csv = read_file(folder.file("csv"));
  const auto rows = static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')) - 1;
  CHECK(rows == found.result.at("intervals").size());
  CHECK(has(read_file(folder.file("hlog")), "open loop"));
}

TEST_CASE("a shortage in the middle of a search costs nothing of what was measured") {
  std::atomic<pid_t> echoc_id = 0;
  // The second run begins in time, and the next one finds no descriptors.
  ScriptedServer server([&](Socket& client, int number) {
    if (number == 2) {
      echoc_id.wait(0);
      const rlimit few{12, 12};
      CHECK(::prlimit(echoc_id, RLIMIT_NOFILE, &few, nullptr) == 0);
    }
    echo_all(client);
  });
  Process echoc(load_command(server.address(), {"-c", "1", "--find-rate", "p99<1h", "--from", "10",
                                                "--to", "1000", "-d", "1s"}));
  echoc_id = echoc.id();
  echoc_id.notify_all();
  CHECK(echoc.wait() == 1);
  const json result = json::parse(echoc.output());
  CHECK(result.at("messages").at("echoed") > 0);
  CHECK(result.at("find_rate").at("complete") == false);
  CHECK(has(echoc.errors(), "descriptors"));
}

}  // namespace
}  // namespace echo::testing
