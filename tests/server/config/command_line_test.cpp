#include "server/config/command_line.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "server/config/settings.h"
#include "tests/support/temporary_folder.h"

namespace echo::testing {
namespace {

using namespace std::chrono_literals;

Options read(const std::vector<std::string>& words) {
  std::vector<const char*> argv{"echod"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  return read_options(static_cast<int>(argv.size()), argv.data());
}

// What is said about these words; "" where nothing is wrong with them.
std::string fault(const std::vector<std::string>& words) {
  try {
    read(words);
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

// What is said about a configuration file with this text.
std::string config_fault(const std::string& text) {
  const TemporaryFolder folder;
  write_file(folder.file("echod.conf"), text);
  const std::string said = fault({"--config", folder.file("echod.conf")});
  CHECK((said.empty() || has(said, folder.file("echod.conf"))));
  return said;
}

TEST_CASE("without a word the defaults hold") {
  const Options options = read({});
  CHECK(options.listen.size() == 1);
  CHECK(options.listen.at(0).text() == "127.0.0.1:7007");
  CHECK_FALSE(options.listen_given);
  CHECK_FALSE(options.daemon);
  CHECK(options.idle_timeout == 5min);
  CHECK(options.heartbeat == 5s);
  CHECK(options.drain_timeout == 10s);
  CHECK(options.backlog == 4096);
  CHECK(options.stack_size == 64 * 1024);
  CHECK(options.log.level == Level::info);
  CHECK(options.log.file.empty());
}

TEST_CASE("every option of the command line is taken") {
  const Options options = read({"-l",           "[::1]:1",     "--listen=unix:/tmp/s",
                                "--port-file",  "/p",          "--backlog",
                                "1k",           "-i",          "1.5s",
                                "--heartbeat",  "0",           "--drain-timeout",
                                "2m",           "--log-level", "debug",
                                "--log-format", "json",        "--log-file",
                                "/f",           "-D",          "--pid-file",
                                "/d",           "--user",      "u",
                                "--spin",       "1ms",         "--stack-size",
                                "128k"});
  CHECK(options.listen.size() == 2);
  CHECK(options.listen.at(0).text() == "[::1]:1");
  CHECK(options.listen.at(1).text() == "unix:/tmp/s");
  CHECK(options.port_file == "/p");
  CHECK(options.backlog == 1000);
  CHECK(options.spin == 1ms);
  CHECK(options.stack_size == 128 * 1024);
  CHECK(options.idle_timeout == 1500ms);
  CHECK(options.heartbeat == 0s);
  CHECK(options.drain_timeout == 2min);
  CHECK(options.log.level == Level::debug);
  CHECK(options.log.format == LogFormat::json);
  CHECK(options.log.file == "/f");
  CHECK(options.daemon);
  CHECK(options.pid_file == "/d");
  CHECK(options.user == "u");
}

TEST_CASE("a mistake is told with the option and the value and what would be right") {
  CHECK(fault({"--foo"}) == "unknown option '--foo'");
  CHECK(fault({"--foo=1", "x"}) == "unknown option '--foo'");
  CHECK(fault({"-z"}) == "unknown option '-z'");
  CHECK(fault({"7007"}) == "unexpected argument '7007'");
  CHECK(fault({"--listen", ":1", ":2"}) == "unexpected argument ':2'");
  CHECK(fault({"--heartbeat", "1", "2"}) == "unexpected argument '2'");
  CHECK(fault({"--listen"}) == "--listen needs a value");
  CHECK(fault({"-i"}) == "--idle-timeout needs a value");
  CHECK(has(fault({"--heartbeat", "--backlog", "5"}), "--heartbeat: '--backlog' is not a "));
  CHECK(fault({"--heartbeat", "1", "--heartbeat", "2"}) ==
        "--heartbeat: takes one value, not 2 ('1', '2')");
  CHECK(has(fault({"--log-level", "loud"}), "--log-level: 'loud' is not one of trace, debug"));
  CHECK(fault({"--log-format", "xml"}) == "--log-format: 'xml' is not one of text, json");
  CHECK(fault({"--log-file", ""}) == "--log-file: '' is not the name of a file");
}

TEST_CASE("addresses that are none are refused") {
  for (const char* address : {"127.0.0.1:-1", "127.0.0.1:65536", ":80abc", "127.0.0.1:", "", "80",
                              "::1:80", "[::1:80", "a b:80", "unix:"}) {
    CAPTURE(address);
    const std::string said = fault({"--listen", address});
    CHECK(has(said, std::string("--listen: '") + address + "' is not an address such as 127."));
  }
}

TEST_CASE("durations that are none are refused") {
  for (const char* duration : {"-1s", "5x", "99999999999999999999s", "36501d", "", "s", "1 s"}) {
    for (const char* option : {"--idle-timeout", "--heartbeat", "--drain-timeout"}) {
      CAPTURE(duration);
      const std::string said = fault({option, duration});
      CHECK(has(said, std::string(option) + ": '" + duration + "' is not a duration such as"));
    }
  }
}

TEST_CASE("counts that are none or out of range are refused") {
  for (const char* count : {"0", "-1", "3G", "99999999999999999999", "5x", ""}) {
    CAPTURE(count);
    CHECK(has(fault({"--backlog", count}), std::string("--backlog: '") + count + "' is not a "));
  }
}

TEST_CASE("sizes that are none or out of range are refused") {
  for (const char* size : {"0", "16k", "2G", "-1", "64kb", ""}) {
    CAPTURE(size);
    CHECK(
        has(fault({"--stack-size", size}), std::string("--stack-size: '") + size + "' is not a "));
  }
}

TEST_CASE("options that contradict each other are refused") {
  CHECK(fault({"-l", ":1", "-l", ":1"}) == "--listen: :1 is there twice");
  CHECK(fault({"-l", "127.0.0.1:0", "-l", "127.0.0.1:0"}).empty());
  CHECK(fault({"--log-file", "x", "--port-file", "x"}) ==
        "--log-file and --port-file cannot both be x");
  CHECK(fault({"--log-file", "x", "--pid-file", "x"}) ==
        "--log-file and --pid-file cannot both be x");
  CHECK(fault({"-D", "--log-file", "x"}) == "--daemon: --log-file 'x' must begin with '/'");
  CHECK(fault({"-D", "-l", "unix:x"}) == "--daemon: --listen unix: 'x' must begin with '/'");
  CHECK(fault({"-D", "-D"}).empty());
}

TEST_CASE("a configuration file has the long names as keys and the command line wins") {
  const TemporaryFolder folder;
  const std::string file = folder.file("echod.conf");
  write_file(file,
             "# a comment\n"
             "; another\n\n"
             "listen = [\"[::1]:1\", \"127.0.0.1:2\"]  # two\n"
             "idle-timeout = 7s\n"
             "heartbeat=\"8s\"\n"
             "drain-timeout = '9s'\n"
             "daemon = true\n"
             "log-level = debug\n");
  const Options options = read({"--heartbeat", "1s", "--config", file});
  CHECK(options.listen.size() == 2);
  CHECK(options.listen.at(0).text() == "[::1]:1");
  CHECK(options.listen.at(1).text() == "127.0.0.1:2");
  CHECK(options.idle_timeout == 7s);
  CHECK(options.heartbeat == 1s);
  CHECK(options.drain_timeout == 9s);
  CHECK(options.daemon);
  CHECK(options.listen_given);
  CHECK(options.log.level == Level::debug);
  CHECK(read({"--config", file, "-l", ":3"}).listen.size() == 1);
}

TEST_CASE("a mistake in a configuration file is told with the file and the key and the value") {
  CHECK(has(config_fault("heartbeat = 5x\n"), ": heartbeat: '5x' is not a duration such as"));
  CHECK(has(config_fault("beat = 5s\n"), ": unknown key 'beat'"));
  CHECK(has(config_fault("config = x.conf\n"), ": unknown key 'config'"));
  CHECK(has(config_fault("help = true\n"), ": unknown key 'help'"));
  CHECK(has(config_fault("heartbeat\n"), ": line 1: 'heartbeat' is not 'name = value'"));
  CHECK(has(config_fault("\n\nx\n"), ": line 3: 'x' is not 'name = value'"));
  CHECK(has(config_fault("heartbeat =\n"), ": line 1: 'heartbeat =' is not 'name = value'"));
  CHECK(has(config_fault("[server]\nheartbeat = 1\n"), ": line 1: '[server]' is not"));
  CHECK(has(config_fault("log-file = \"a#b\"\n"), ": line 1: a quote is not closed"));
  CHECK(has(config_fault("listen = [::1]:80\nheartbeat = 1\n"), "an IPv6 address goes in quotes"));
  CHECK(has(config_fault("allow = [\n\"::1\"]\n"),
            ": line 1: a list has its first value behind the"));
  CHECK(config_fault("allow = [\"::1\",\n\"10.0.0.0/8\"]\n").empty());
  CHECK(has(config_fault("heartbeat = 1\nbacklog = 1\nheartbeat = 2\n"),
            ": heartbeat: takes one value, not 2 ('1', '2')"));
  CHECK(config_fault("").empty());
}

TEST_CASE("a configuration file is checked whole although the command line wins") {
  const TemporaryFolder folder;
  write_file(folder.file("c"), "heartbeat = 5x\n");
  CHECK(has(fault({"--config", folder.file("c"), "--heartbeat", "1s"}), "heartbeat: '5x'"));
}

TEST_CASE("what is no readable regular file is no configuration file") {
  const TemporaryFolder folder;
  const std::string fifo = folder.file("fifo");
  CHECK(::mkfifo(fifo.c_str(), 0600) == 0);
  write_file(folder.file("long"), std::string(1024 * 1024 + 1, '#'));
  CHECK(has(fault({"--config", folder.file("none")}), "/none: No such file or directory"));
  CHECK(has(fault({"--config", folder.path()}), folder.path() + ": is a folder"));
  CHECK(has(fault({"--config", "/dev/zero"}), "/dev/zero: is not a regular file"));
  CHECK(has(fault({"--config", fifo}), "/fifo: is not a regular file"));
  CHECK(has(fault({"--config", folder.file("long")}), "/long: is longer than 1 MiB"));
  CHECK(fault({"--config", "a", "--config", "b"}) == "--config was given twice");
}

TEST_CASE("a running server can take all but where it listens") {
  const Options running = read({});
  CHECK(not_reloadable(running, running).empty());
  CHECK(not_reloadable(read({"-i", "1s", "--heartbeat", "1s", "--log-level", "debug"}), running)
            .empty());
  CHECK(not_reloadable(read({"-l", ":1", "--backlog", "1"}), running) ==
        std::vector<std::string>{"listen", "backlog"});
}

TEST_CASE("the text of every setting reads back as the same value") {
  Options options;
  for (const Setting& setting : settings_of(options)) {
    CAPTURE(setting.names);
    const std::string text = setting.text();
    if (text.empty()) continue;  // a file that is not given
    setting.read({text});
    CHECK(setting.text() == text);
  }
}

}  // namespace
}  // namespace echo::testing
