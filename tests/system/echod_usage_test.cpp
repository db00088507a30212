#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

std::vector<std::string> echod(const std::vector<std::string>& options) {
  std::vector<std::string> words{ECHOD_PATH};
  words.insert(words.end(), options.begin(), options.end());
  return words;
}

bool is_one_line(const std::string& text) {
  return std::ranges::count(text, '\n') == 1 && text.ends_with('\n');
}

// That it is a usage error, told in one line that has `said`, and that nothing was bound.
void check_refused(std::vector<std::string> options, const std::string& said) {
  const TemporaryFolder folder;
  options.insert(options.begin(),
                 {"--listen", "unix:" + folder.file("socket"), "--port-file", folder.file("port")});
  const Finished run = run_program(echod(options));
  CAPTURE(said);
  CAPTURE(run.errors);
  CHECK(run.status == 2);
  CHECK(run.output.empty());
  CHECK(is_one_line(run.errors));
  CHECK(run.errors.starts_with("echod: "));
  CHECK(run.errors.find(said) != run.errors.npos);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("every mistake on the command line ends it with code 2 and one line") {
  check_refused({"--foo"}, "unknown option '--foo'; see echod --help");
  check_refused({"--prot-file", "x"}, "unknown option '--prot-file'; did you mean '--port-file'?");
  check_refused({"foo"}, "unexpected argument 'foo'; see echod --help");
  check_refused({"--listen"}, "--listen needs a value");
  check_refused({"--listen", "127.0.0.1:-1"}, "'127.0.0.1:-1'");
  check_refused({"--listen", "127.0.0.1:65536"}, "'127.0.0.1:65536'");
  check_refused({"--listen", "127.0.0.1:80abc"}, "'127.0.0.1:80abc'");
  check_refused({"--listen", "127.0.0.1:"}, "'127.0.0.1:'");
  check_refused({"--listen", ""}, "''");
  check_refused({"--listen", "two\nlines:1"}, "'two\\x0alines:1'");
  check_refused({"--idle-timeout", "-1s"}, "'-1s'");
  check_refused({"--idle-timeout", "5x"}, "'5x'");
  check_refused({"--idle-timeout", "99999999999999999999s"}, "'99999999999999999999s'");
  check_refused({"--backlog", "0"}, "'0'");
  check_refused({"--keepalive", "10h"}, "--keepalive: '10h' is too long: at most 9h");
  for (const char* mode : {"", "999", "1777", "-1", "rw"}) {
    check_refused({"--unix-mode", mode}, std::string("'") + mode + "' is not an octal number");
  }
  check_refused({"--listen", ":1", "--listen", ":1"}, ":1 is given twice");
  check_refused({"--check-config", "--heartbeat", "5x"}, "'5x'");
}

TEST_CASE("every mistake in a configuration file ends it with code 2 and one line") {
  const TemporaryFolder folder;
  const std::string fifo = folder.file("fifo");
  const std::string config = folder.file("echod.toml");
  CHECK(::mkfifo(fifo.c_str(), 0600) == 0);
  write_file(config, "no-such-key = 1\n");
  check_refused({"--config", folder.file("none")}, folder.file("none"));
  check_refused({"--config", folder.path()}, "is a directory");
  check_refused({"--config", "/dev/zero"}, "/dev/zero: is not a regular file");
  check_refused({"--config", fifo}, "is not a regular file");
  check_refused({"--config", config}, "echod.toml: line 1: unknown key 'no-such-key'");
  write_file(config, "heartbeat = \"5x\"\n");
  check_refused({"--config", config}, "echod.toml: line 1: heartbeat: '5x'");
  check_refused({"--config", config, "--check-config"}, "echod.toml: line 1: heartbeat: '5x'");
}

TEST_CASE("a configuration file that may not be read ends it with code 2") {
  const TemporaryFolder folder;
  const std::string config = folder.file("echod.toml");
  write_file(config, "heartbeat = 5\n");
  CHECK(::chmod(config.c_str(), 0) == 0);
  CHECK(::chmod(folder.path().c_str(), 0755) == 0);
  std::vector<std::string> command = echod({"--listen", "127.0.0.1:0", "--config", config});
  // Nothing is forbidden to root. A copy, because nobody may be kept from the folder of the build.
  if (::geteuid() == 0) {
    std::filesystem::copy_file(command.front(), folder.file("echod"));
    command.front() = folder.file("echod");
    command.insert(command.begin(), {"setpriv", "--reuid=65534", "--clear-groups"});
  }
  const Finished run = run_program(command);
  CHECK(run.status == 2);
  CHECK(run.errors == "echod: configuration file " + config + ": Permission denied\n");
}

TEST_CASE("checking a configuration opens nothing") {
  const TemporaryFolder folder;
  const std::string config = folder.file("echod.toml");
  write_file(config, "listen = [\"unix:" + folder.file("socket") + "\"]\nlog-file = \"" +
                         folder.file("log") + "\"\nport-file = \"" + folder.file("port") + "\"\n");
  const Finished run = run_program(echod({"--config", config, "--check-config"}));
  CHECK(run.status == 0);
  CHECK(run.output == "ok\n");
  CHECK(run.errors.empty());
  std::filesystem::remove(config);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a usage error has its exit code without a standard error to tell it") {
  const auto status = [](const std::string& redirection) {
    return run_program({"sh", "-c", "exec \"$0\" --foo " + redirection, ECHOD_PATH}).status;
  };
  CHECK(status("2>/dev/full") == 2);
  CHECK(status("<&- >&- 2>&-") == 2);
}

TEST_CASE("help and version go to standard output with code 0") {
  const Finished help = run_program(echod({"--help"}));
  CHECK(help.status == 0);
  CHECK(help.errors.empty());
  CHECK(help.output.find("--idle-timeout DURATION") != help.output.npos);
  CHECK(help.output.find("--config FILE") != help.output.npos);
  const Finished version = run_program(echod({"--version"}));
  CHECK(version.status == 0);
  CHECK(version.output.starts_with("echod "));
  CHECK(is_one_line(version.output));
}

TEST_CASE("what cannot be had ends it with code 1 and one line") {
  const TemporaryFolder folder;
  const auto check_failed = [](const std::vector<std::string>& options, const std::string& said) {
    std::vector<std::string> words{"--listen", "127.0.0.1:0"};
    words.insert(words.end(), options.begin(), options.end());
    const Finished run = run_program(echod(words));
    CAPTURE(said);
    CAPTURE(run.errors);
    CHECK(run.status == 1);
    CHECK(run.output.empty());
    CHECK(is_one_line(run.errors));
    CHECK(run.errors.find(said) != run.errors.npos);
  };
  check_failed({"--log-file", folder.path()}, folder.path() + ": Is a directory");
  check_failed({"--log-file", folder.file("no/log")},
               "cannot open the log file " + folder.file("no"));
  check_failed({"--listen", "192.0.2.1:0", "--log-level", "off"}, "192.0.2.1:0");
  check_failed({"--port-file", folder.file("no/port"), "--log-level", "off"},
               folder.file("no/port"));
}

TEST_CASE("a second instance on the same address ends with code 1 and the first goes on") {
  Echod first({"--listen", "127.0.0.1:0"});
  const Finished second = run_program(echod({"--listen", first.address(), "--log-level", "off"}));
  CHECK(second.status == 1);
  CHECK(second.errors == "echod: cannot listen on " + first.address() +
                             ": Address already in use; see who has it with: ss -ltnp 'sport = :" +
                             first.port() + "'\n");
  CHECK(first.stop() == 0);
}

TEST_CASE("the help breaks between words at the width that COLUMNS says") {
  for (const auto& [columns, width] : {std::pair{"44", 44U}, {"100", 100U}, {"1", 40U}}) {
    Process::Settings settings;
    settings.environment = {std::string("COLUMNS=") + columns};
    Process process(echod({"--help"}), settings);
    CHECK(process.wait() == 0);
    std::istringstream lines(process.output());
    std::size_t longest = 0;
    for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
    CAPTURE(lines.str());
    CHECK(longest <= width);
    CHECK(longest > width - 10);
  }
}

TEST_CASE("an option that other programs have is led to its name here") {
  check_refused({"-p", "7"}, "unknown option '-p'; did you mean '--listen'?");
  check_refused({"--lisen", ":7"}, "unknown option '--lisen'; did you mean '--listen'?");
}

TEST_CASE("a port that only root may bind leads to the three ways around it") {
  // Under strace there can be no check for leaks.
  Process echod({"strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=bind:error=EACCES",
                 ECHOD_PATH, "--listen", "127.0.0.1:7", "--log-level", "off"},
                {.environment = {"ASAN_OPTIONS=detect_leaks=0"}});
  CHECK(echod.wait() == 1);
  CHECK(echod.errors() ==
        "echod: cannot listen on 127.0.0.1:7: Permission denied; for a port below 1024 use "
        "echod.socket, setcap cap_net_bind_service=ep, or root and --user (see echod(8))\n");
}

}  // namespace
}  // namespace echo::testing
