#include "server/config/config_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "tests/server/config/read_words.h"
#include "tests/support/temporary_folder.h"

namespace echo::testing {
namespace {

using namespace std::chrono_literals;

Options read_file_with(const std::string& text) {
  const TemporaryFolder folder;
  write_file(folder.file("echod.toml"), text);
  return read({"--config", folder.file("echod.toml")});
}

// What is said about a configuration file with this text, without the file's name.
std::string file_fault(const std::string& text) {
  const TemporaryFolder folder;
  const std::string file = folder.file("echod.toml");
  write_file(file, text);
  const std::string said = fault({"--config", file});
  if (said.empty()) return said;
  const std::string begin = "configuration file " + file + ": ";
  CHECK(said.starts_with(begin));
  return said.substr(std::min(begin.size(), said.size()));
}

TEST_CASE("a configuration file is TOML with the long names as keys") {
  const Options options = read_file_with(
      "# a comment\n"
      "listen = [\n  \"[::1]:1\",  # one\n  \"unix:/run/echod.sock\",\n]\n"
      "idle-timeout = \"7s\"\n"
      "write-timeout = 8\n"
      "max-lifetime = 0.5\n"
      "drain-timeout = '9s'\n"
      "max-connections = 10_000\n"
      "max-per-address = \"1k\"\n"
      "stack-size = 0x10000\n"
      "daemon = true\n"
      "\"log-level\" = \"WARNING\"\n"
      "log-file = \"/tmp/a#b.log\"\n"
      "allow = \"10.0.0.0/8\"\n");
  REQUIRE(options.listen.size() == 2);
  CHECK(options.listen.at(0).text() == "[::1]:1");
  CHECK(options.listen.at(1).text() == "unix:/run/echod.sock");
  CHECK(options.listen_given);
  CHECK(options.idle_timeout == 7s);
  CHECK(options.write_timeout == 8s);
  CHECK(options.max_lifetime == 500ms);
  CHECK(options.drain_timeout == 9s);
  CHECK(options.admission.max_connections == 10'000);
  CHECK(options.admission.max_per_address == 1000);
  CHECK(options.stack_size == 65536);
  CHECK(options.daemon);
  CHECK(options.log.level == Level::warn);
  CHECK(options.log.file == "/tmp/a#b.log");
  CHECK(options.admission.allow.size() == 1);
}

TEST_CASE("an empty file and a byte order mark are no faults") {
  CHECK(file_fault("").empty());
  CHECK(file_fault("\n# nothing\n").empty());
  CHECK(read_file_with("\xef\xbb\xbfmax-connections = 5\n").admission.max_connections == 5);
  CHECK(read_file_with("max-connections = 5\r\nheartbeat = 1\r\n").heartbeat == 1s);
}

TEST_CASE("text without quotes is told to need them") {
  CHECK(file_fault("# old\nidle-timeout = 30s\n") == "line 2: idle-timeout needs quotes: \"30s\"");
  CHECK(file_fault("log-level = info  # more\n") == "line 1: log-level needs quotes: \"info\"");
  CHECK(file_fault("metrics=127.0.0.1:7\r\n") == "line 1: metrics needs quotes: \"127.0.0.1:7\"");
  CHECK(file_fault("log-file = /tmp/a#b.log\n") ==
        "line 1: log-file needs quotes: \"/tmp/a#b.log\"");
  CHECK(file_fault("log-file = 5\n") == "line 1: log-file needs quotes: \"5\"");
  CHECK(file_fault("user = true\n") == "line 1: user needs quotes: \"true\"");
  // "432" would be another mode.
  CHECK(file_fault("unix-mode = 0o660\n") == "line 1: unix-mode needs quotes around its value");
  CHECK(file_fault("idle-timeout = 2026-01-01\n").starts_with("line 1: idle-timeout needs quotes"));
  const std::string list = file_fault("heartbeat = 1\nallow = [10.0.0.0/8]\n");
  CHECK(list.starts_with("line 2: allow: "));
  CHECK(list.ends_with("text in a list needs quotes, such as [\"10.0.0.0/8\"]"));
}

TEST_CASE("a fault in a value is told with the line and the key and the value") {
  CHECK(file_fault("\nheartbeat = \"5x\"\n")
            .starts_with("line 2: heartbeat: '5x' is not a duration such as"));
  CHECK(file_fault("heartbeat = -1\n").starts_with("line 1: heartbeat: '-1' is not a duration"));
  CHECK(file_fault("heartbeat = inf\n").starts_with("line 1: heartbeat: 'inf' is not a duration"));
  CHECK(file_fault("backlog = 0\n").starts_with("line 1: backlog: '0' is not a number from 1"));
  CHECK(file_fault("backlog = 1.5\n").starts_with("line 1: backlog: '1.5' is not a count"));
  CHECK(file_fault("backlog = true\n") == "line 1: backlog: 'true' is not a number");
  const std::string huge = file_fault("backlog = 99999999999999999999\n");
  CHECK(huge.starts_with("line 1: backlog: "));
  CHECK(huge.find("quotes") == std::string::npos);
  CHECK(file_fault("daemon = 1\n") == "line 1: daemon: '1' is not true or false");
  CHECK(file_fault("daemon = \"true\"\n") ==
        "line 1: daemon: \"true\" is text; write true or false, without quotes");
  CHECK(file_fault("listen = [\":1\", \"x\"]\n")
            .starts_with("line 1: listen: 'x' is not an address such as"));
}

TEST_CASE("a list is refused where one value is due and where it is empty") {
  CHECK(file_fault("heartbeat = [1]\n") == "line 1: heartbeat takes one value, not a list");
  CHECK(file_fault("max-connections = []\n") ==
        "line 1: max-connections takes one value, not a list");
  CHECK(file_fault("daemon = []\n") == "line 1: daemon takes one value, not a list");
  for (const std::string key : {"listen", "allow", "deny"}) {
    CHECK(file_fault(key + " = []\n") ==
          "line 1: " + key + ": '[]' is empty; leave the line out for the default");
  }
  CHECK(file_fault("allow = [[\"::1\"]]\n") == "line 1: allow: a list in a list");
}

TEST_CASE("the first fault is the one that is reported") {
  CHECK(file_fault("zebra = 1\nbacklog = 0\n").starts_with("line 1: unknown key 'zebra'"));
  CHECK(file_fault("spin = \"x\"\nbacklog = 0\n").starts_with("line 1: spin: "));
}

TEST_CASE("a key that is not known is named with the one that was meant") {
  CHECK(file_fault("heart-beat = 5\n") ==
        "line 1: unknown key 'heart-beat'; did you mean 'heartbeat'?");
  CHECK(file_fault("colour = 5\n") == "line 1: unknown key 'colour'");
  CHECK(file_fault("config = \"x\"\n") == "line 1: unknown key 'config'");
  CHECK(file_fault("help = true\n") == "line 1: unknown key 'help'");
  CHECK(file_fault("check-config = true\n") == "line 1: unknown key 'check-config'");
}

TEST_CASE("what is not TOML is told with its line") {
  CHECK(file_fault("heartbeat\n").starts_with("line "));
  CHECK(file_fault("\n\n; old\n").starts_with("line 3: "));
  CHECK(file_fault("heartbeat =\n") == "line 1: heartbeat has no value");
  CHECK(file_fault("log-file = \"x\n").starts_with("line 1: "));
  const std::string twice = file_fault("heartbeat = 1\nbacklog = 1\nheartbeat = 2\n");
  CHECK(twice.starts_with("line 3: "));
  CHECK(twice.find("'heartbeat'") != std::string::npos);
  CHECK(twice.find("quotes") == std::string::npos);
  CHECK(file_fault("listen = [\":1\",\n").find("line ") != std::string::npos);
  CHECK(file_fault("log-file = \"\xff\"\n").starts_with("line 1: "));
  CHECK(file_fault("[server]\nheartbeat = 1\n") ==
        "line 1: 'server' is a table; the file has none");
  CHECK(file_fault("log.level = \"info\"\n") == "line 1: 'log' is a table; the file has none");
  CHECK(file_fault("[[listen]]\n") == "line 1: 'listen' is a table; the file has none");
  CHECK(file_fault("listen = {}\n") == "line 1: 'listen' is a table; the file has none");
}

TEST_CASE("a configuration file is checked whole although the command line wins") {
  const TemporaryFolder folder;
  write_file(folder.file("c"), "heartbeat = \"5x\"\n");
  CHECK(fault({"--config", folder.file("c"), "--heartbeat", "1s"}).find("heartbeat: '5x'") !=
        std::string::npos);
}

TEST_CASE("anything but a readable regular file of at most 1 MiB is refused") {
  const TemporaryFolder folder;
  const auto refused = [](const std::string& file, const std::string& why) {
    CHECK(fault({"--config", file}) == "configuration file " + file + ": " + why);
  };
  const std::string fifo = folder.file("fifo");
  CHECK(::mkfifo(fifo.c_str(), 0600) == 0);
  write_file(folder.file("long"), std::string(1024 * 1024 + 1, '#'));
  write_file(folder.file("longest"), std::string(1024 * 1024, '#'));
  refused(folder.file("none"), "No such file or directory");
  refused(folder.path(), "is a directory, not a file");
  refused("/dev/zero", "is not a regular file");
  refused(fifo, "is not a regular file");
  refused(folder.file("long"), "is longer than 1 MiB");
  CHECK(fault({"--config", folder.file("longest")}).empty());
  CHECK(fault({"--config", "a", "--config", "b"}) == "--config: takes one value, not 2 ('a', 'b')");
}

}  // namespace
}  // namespace echo::testing
