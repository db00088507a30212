#include <doctest/doctest.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/process.h"
#include "tests/support/socket.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/clients.h"
#include "tests/system/logging_echod.h"

namespace echo::testing {
namespace {

std::uint64_t fact(const std::string& line, const std::string& name) {
  const std::size_t at = line.find(' ' + name + '=');
  CHECK(at != line.npos);
  return at == line.npos ? 0 : std::stoull(line.substr(at + name.size() + 2));
}

TEST_CASE("the log file is appended to and not for everybody to read") {
  const TemporaryFolder folder;
  const std::string log = folder.file("log");
  for (int run = 0; run < 2; ++run) {
    LoggingEchod echod({"--log-file", log}, "", "umask 0;");
    CHECK(echod.stop() == 0);
    CHECK(echod.process().errors().empty());
  }
  struct stat status {};
  CHECK(::stat(log.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0640);
  int stopped = 0;
  for (const std::string& line : lines_of(read_file(log))) {
    stopped += line.find("stopped: 0 served") != line.npos ? 1 : 0;
  }
  CHECK(stopped == 2);
}

TEST_CASE("rotation under load loses no line and writes none to the old file") {
  constexpr std::size_t kRotations = 5;
  constexpr int kClients = 100;  // between two rotations
  const TemporaryFolder folder;
  const std::string log = folder.file("log");
  LoggingEchod echod({"--log-file", log, "--log-level", "debug"});
  std::vector<std::string> rotated;
  std::vector<std::string> contents;
  for (std::size_t i = 0; i < kRotations; ++i) {
    echod.serve_some(kClients);
    rotated.push_back(log + '.' + std::to_string(i));
    std::filesystem::rename(log, rotated.back());
    echod.process().signal(SIGHUP);
    wait_for_line(log, "configuration reloaded");
    contents.push_back(read_file(rotated.back()));
  }
  CHECK(echod.stop() == 0);

  std::map<std::string, int> seen;
  for (std::size_t i = 0; i < kRotations; ++i) {
    CHECK(read_file(rotated[i]) == contents[i]);
    for (const std::string& line : lines_of(contents[i])) ++seen[line.substr(line.find(']') + 1)];
  }
  for (const std::string& line : lines_of(read_file(log))) ++seen[line.substr(line.find(']') + 1)];
  std::size_t connected = 0;
  std::size_t closed = 0;
  for (const auto& [line, times] : seen) {
    if (line.starts_with(" client ")) CHECK(times == 1);
    connected += line.find(" connected from ") != line.npos ? 1 : 0;
    closed += line.find(" closed: ") != line.npos ? 1 : 0;
  }
  CHECK(connected == kRotations * kClients);
  CHECK(closed == kRotations * kClients);
}

TEST_CASE("a log that cannot be opened again goes on in the old file with a warning") {
  const TemporaryFolder folder;
  const std::string log = folder.file("log");
  LoggingEchod echod({"--log-file", log});
  std::filesystem::rename(log, folder.file("old"));
  std::filesystem::create_directory(log);
  echod.process().signal(SIGHUP);
  wait_for_line(folder.file("old"),
                "the log stays where it is: cannot open the log file " + log + ": Is a directory");
  CHECK(echod.serves());
  CHECK(echod.stop() == 0);
  wait_for_line(folder.file("old"), "stopped: ");
}

TEST_CASE("HUP changes level and format and file of the log") {
  const TemporaryFolder folder;
  const std::string config = folder.file("echod.conf");
  const std::string first = folder.file("first");
  const std::string second = folder.file("second");
  write_file(config, "log-file = \"" + first + "\"\nlog-level = \"info\"\n");
  LoggingEchod echod({"--config", config});
  CHECK(echod.serves());
  write_file(config,
             "log-file = \"" + second + "\"\nlog-level = \"debug\"\nlog-format = \"json\"\n");
  echod.process().signal(SIGHUP);
  wait_for_line(second, R"("event":"reloaded")");
  CHECK(echod.serves());
  wait_for_line(second, R"("event":"connected")");
  CHECK(read_file(first).find("connected") == std::string::npos);
  CHECK(echod.stop() == 0);
}

TEST_CASE("a full disk costs log lines that are counted but no service") {
  const TemporaryFolder folder;
  const std::string config = folder.file("echod.conf");
  write_file(config, "log-file = \"/dev/full\"\nlog-level = \"debug\"\n");
  LoggingEchod echod({"--config", config});
  echod.serve_some(100);
  CHECK(echod.serves());
  write_file(config, "log-file = \"" + folder.file("log") + "\"\n");
  echod.process().signal(SIGHUP);
  wait_for_line(folder.file("log"), "configuration reloaded");
  echod.process().signal(SIGUSR1);
  const std::string counters = wait_for_line(folder.file("log"), "counters: ");
  CHECK(fact(counters, "log_lines_dropped") >= 100);
  CHECK(echod.stop() == 0);
}

TEST_CASE("a log at the limit on the size of files costs lines but no service") {
  const TemporaryFolder folder;
  const std::string log = folder.file("log");
  Process echod({"prlimit", "--fsize=600", ECHOD_PATH, "--listen", "127.0.0.1:0", "--log-level",
                 "debug", "--log-file", log, "--port-file", folder.file("port")});
  const std::string address = wait_for_line(folder.file("port"), "127.0.0.1:");
  for (int i = 0; i < 20; ++i) {
    Socket client = Socket::connect(address);
    CHECK(echoes(client));
  }
  CHECK(std::filesystem::file_size(log) <= 600);
  echod.signal(SIGTERM);
  CHECK(echod.wait() == 0);
}

TEST_CASE("a full standard error costs no service and no exit code") {
  LoggingEchod echod({"--log-level", "debug"}, "2>/dev/full");
  echod.serve_some(100);
  CHECK(echod.serves());
  CHECK(echod.stop() == 0);
}

TEST_CASE("a stuck pipe costs neither service nor the exit") {
  const TemporaryFolder folder;
  // The shell holds the pipe open for reading, and nobody ever reads.
  LoggingEchod echod({"--log-level", "debug"}, "2>&3",
                     "mkfifo " + folder.file("pipe") + "; exec 3<>" + folder.file("pipe") + ';');
  echod.serve_some(1000);  // more lines than a pipe holds
  CHECK(echod.serves());
  CHECK(echod.stop() == 0);
}

TEST_CASE("a log that is stuck in a pipe can be taken to a file") {
  const TemporaryFolder folder;
  const std::string config = folder.file("echod.conf");
  write_file(config, "log-level = \"debug\"\n");
  LoggingEchod echod({"--config", config}, "2>&3",
                     "mkfifo " + folder.file("pipe") + "; exec 3<>" + folder.file("pipe") + ';');
  echod.serve_some(1000);
  write_file(config, "log-level = \"debug\"\nlog-file = \"" + folder.file("log") + "\"\n");
  echod.process().signal(SIGHUP);
  wait_for_line(folder.file("log"), "configuration reloaded");
  wait_for_line(folder.file("log"), "client 1000 closed: ");
  CHECK(echod.stop() == 0);
}

TEST_CASE("a pipe whose reader went away costs no service") {
  LoggingEchod echod({"--log-level", "debug"}, "2>&1");
  echod.process().close_output();
  echod.serve_some(100);
  CHECK(echod.serves());
  CHECK(echod.stop() == 0);
}

TEST_CASE("USR1 logs all counters" * doctest::test_suite("one driver")) {
  const TemporaryFolder folder;
  const std::string log = folder.file("log");
  LoggingEchod echod({"--log-file", log});
  Socket client = Socket::connect(echod.address());
  client.send("hello");
  CHECK(client.receive(5) == "hello");
  CHECK(echod.serves());
  // A client has its bytes before its worker has counted them, and counts as live until the worker
  // has seen the end.
  std::string line;
  CHECK(eventually([&] {
    echod.process().signal(SIGUSR1);
    const std::string text = read_file(log);
    for (const std::string& each : lines_of(text)) line = each;
    return text.ends_with('\n') && line.find(" live=1 ") != line.npos &&
           line.find(" bytes_out=10 ") != line.npos &&
           line.find(" closed_peer_closed=1 ") != line.npos;
  }));
  CHECK(fact(line, "accepted") == 2);
  CHECK(fact(line, "live") == 1);
  CHECK(fact(line, "bytes_in") == 10);
  CHECK(fact(line, "bytes_out") == 10);
  CHECK(fact(line, "workers_busy") >= 1);
  CHECK(fact(line, "workers_busy") + fact(line, "workers_parked") <= 2);
  CHECK(fact(line, "log_lines_dropped") == 0);
  CHECK(fact(line, "closed_peer_reset") == 0);
  CHECK(fact(line, "closed_error") == 0);
  CHECK(fact(line, "workers_created") >= 1);
  CHECK(fact(line, "workers_failed") == 0);
  CHECK(fact(line, "accept_errors_descriptors") == 0);
  CHECK(line.find(" info  [echod] counters: accepted=") != line.npos);
}

TEST_CASE("every line of a JSON log is an object with time and level and thread and event") {
  const TemporaryFolder folder;
  const std::string log = folder.file("log");
  LoggingEchod echod({"--log-file", log, "--log-format", "json", "--log-level", "debug"});
  echod.serve_some(1);
  wait_for_line(log, R"("event":"closed")");
  echod.process().signal(SIGUSR1);
  wait_for_line(log, R"("event":"counters")");
  CHECK(echod.stop() == 0);
  for (const std::string& line : lines_of(read_file(log))) {
    CAPTURE(line);
    const auto object = nlohmann::json::parse(line, nullptr, false);
    CHECK(object.is_object());
    if (!object.is_object()) continue;
    for (const char* key : {"time", "level", "thread", "event"}) {
      CHECK(object.contains(key));
    }
    if (object.value("event", "") == "counters") {
      CHECK(object.value("accepted", 0) == 1);
      CHECK(object.contains("closed_peer_closed"));
      CHECK(object.contains("log_lines_dropped"));
    }
  }
}

}  // namespace
}  // namespace echo::testing
