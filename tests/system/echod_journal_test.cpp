#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/socket.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/logging_echod.h"

namespace echo::testing {
namespace {

// Standard error is the file, and JOURNAL_STREAM names `journal`, as if it were the journal's.
std::string journal_is(const std::string& journal, const std::string& standard_error) {
  return "touch " + journal + "; exec 2>>" + standard_error +
         "; export JOURNAL_STREAM=$(stat -c %d:%i " + journal + ");";
}

TEST_CASE("a line in the journal begins with its priority and has no time") {
  const TemporaryFolder folder;
  const std::string errors = folder.file("errors");
  LoggingEchod echod(
      {"--log-level", "debug", "--deny", "127.0.0.1", "--max-connections", "1000000"}, "",
      journal_is(errors, errors) + "ulimit -n 100;");
  CHECK(Socket::connect(echod.address()).receive_until_end().empty());
  wait_for_line(errors, " closed: denied");
  CHECK(echod.stop() == 0);
  const std::string text = read_file(errors);
  CHECK(text.find("<4>warning [echod] max-connections lowered from 1000000") != text.npos);
  CHECK(text.find("<6>info  [echod] listening on 127.0.0.1:") != text.npos);
  CHECK(text.find("<7>debug [listener] client 1 connected from 127.0.0.1:") != text.npos);
  for (const std::string& line : lines_of(text)) {
    CAPTURE(line);
    REQUIRE(line.size() > 4);
    CHECK((line[0] == '<' && line[1] >= '2' && line[1] <= '7' && line[2] == '>'));
    const std::size_t level_end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz", 3);
    CHECK(level_end > 3);
    CHECK(line.find('[') == line.find_first_not_of(' ', level_end));
  }
}

TEST_CASE("an object in the journal begins with its priority and has no time") {
  const TemporaryFolder folder;
  const std::string errors = folder.file("errors");
  LoggingEchod echod({"--log-format", "json"}, "", journal_is(errors, errors));
  CHECK(echod.serves());
  CHECK(echod.stop() == 0);
  CHECK(lines_of(read_file(errors)).size() >= 2);
  for (const std::string& line : lines_of(read_file(errors))) {
    CAPTURE(line);
    CHECK(line.starts_with(R"(<6>{"level":"info","thread":)"));
  }
}

TEST_CASE("a standard error that is not the journal keeps the time and has no priority") {
  const TemporaryFolder folder;
  const std::string errors = folder.file("errors");
  LoggingEchod echod({}, "", journal_is(folder.file("journal"), errors));
  CHECK(echod.serves());
  CHECK(echod.stop() == 0);
  CHECK(lines_of(read_file(errors)).size() >= 2);
  for (const std::string& line : lines_of(read_file(errors))) CHECK(line.starts_with("20"));
}

TEST_CASE("a log file has the time and no priority although standard error is the journal") {
  const TemporaryFolder folder;
  const std::string errors = folder.file("errors");
  LoggingEchod echod({"--log-file", folder.file("log")}, "", journal_is(errors, errors));
  CHECK(echod.stop() == 0);
  CHECK(read_file(errors).empty());
  for (const std::string& line : lines_of(read_file(folder.file("log")))) {
    CHECK(line.starts_with("20"));
  }
}

TEST_CASE("a start that fails is one line of the priority of an error in the journal") {
  const TemporaryFolder folder;
  const std::string errors = folder.file("errors");
  for (const std::string options :
       {"--listen nonsense", "--listen 192.0.2.1:0", "--config '/no\nfile'"}) {
    CAPTURE(options);
    std::filesystem::remove(errors);
    const Finished run = run_program(
        {"sh", "-c", journal_is(errors, errors) + "exec \"$0\" " + options, ECHOD_PATH});
    CHECK(run.status != 0);
    const std::vector<std::string> lines = lines_of(read_file(errors));
    CHECK(lines.size() == 1);
    CHECK(lines.front().starts_with("<3>echod: "));
  }
}

TEST_CASE("a reload that fails is told on standard error although the log is a file") {
  const TemporaryFolder folder;
  const std::string config = folder.file("echod.toml");
  const std::string errors = folder.file("errors");
  const std::string log = folder.file("log");
  write_file(config, "log-file = \"" + log + "\"\n");
  LoggingEchod echod({"--config", config}, "", journal_is(errors, errors));
  write_file(config, "log-file = \"" + log + "\"\nidle-timeout = \"5x\"\n");
  echod.process().signal(SIGHUP);
  const std::string fault =
      "reload failed: configuration file " + config + ": line 2: idle-timeout: '5x'";
  CHECK(wait_for_line(errors, fault).starts_with("<3>error [echod] reload failed"));
  wait_for_line(log, fault);
  CHECK(echod.stop() == 0);
  CHECK(lines_of(read_file(errors)).size() == 1);
}

TEST_CASE("a log that cannot be opened again is told on standard error") {
  const TemporaryFolder folder;
  const std::string errors = folder.file("errors");
  std::filesystem::create_directory(folder.file("gone"));
  const std::string log = folder.file("gone/log");
  LoggingEchod echod({"--log-file", log}, "2>>" + errors);
  std::filesystem::remove_all(folder.file("gone"));
  echod.process().signal(SIGHUP);
  const std::string line = wait_for_line(errors, "the log stays where it is");
  CHECK(line.starts_with("20"));
  CHECK(line.ends_with("cannot open the log file " + log + ": No such file or directory"));
  CHECK(echod.serves());
  CHECK(echod.stop() == 0);
}

TEST_CASE("a stuck standard error does not keep a reload that fails from ending") {
  const TemporaryFolder folder;
  const std::string config = folder.file("echod.toml");
  const std::string log = folder.file("log");
  write_file(config, "log-file = \"" + log + "\"\n");
  // Nobody reads the pipe, and it is full.
  LoggingEchod echod({"--config", config}, "2>&3",
                     "mkfifo " + folder.file("pipe") + "; exec 3<>" + folder.file("pipe") +
                         "; timeout 1 dd if=/dev/zero bs=4096 >&3 2>/dev/null;");
  write_file(config, "log-file = \"" + log + "\"\nidle-timeout = \"5x\"\n");
  echod.process().signal(SIGHUP);
  wait_for_line(log, "reload failed");
  CHECK(echod.serves());
  CHECK(echod.stop() == 0);
}

}  // namespace
}  // namespace echo::testing
