#include "server/config/command_line.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "server/config/option_table.h"
#include "tests/server/config/read_words.h"
#include "tests/support/text.h"

namespace echo::testing {
namespace {

using namespace std::chrono_literals;

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

TEST_CASE("a mistake is told with the option and the value and what would be right") {
  const std::string see = "; see echod --help";
  CHECK(fault({"--foo"}) == "unknown option '--foo'" + see);
  CHECK(fault({"--foo=1", "x"}) == "unknown option '--foo'" + see);
  CHECK(fault({"-z"}) == "unknown option '-z'" + see);
  CHECK(fault({"7007"}) == "unexpected argument '7007'" + see);
  CHECK(fault({"--listen", ":1", ":2"}) == "unexpected argument ':2'" + see);
  CHECK(fault({"--heartbeat", "1", "2"}) == "unexpected argument '2'" + see);
  CHECK(fault({"--listen"}) == "--listen needs a value");
  CHECK(fault({"-i"}) == "--idle-timeout needs a value");
  CHECK(fault({"--heartbeat", "--backlog", "5"}) ==
        "--heartbeat needs a value; '--backlog' is an option");
  CHECK(fault({"--log-file", "-D"}) == "--log-file needs a value; '-D' is an option");
  CHECK(fault({"--heartbeat", "1", "--heartbeat", "2"}) ==
        "--heartbeat: takes one value, not 2 ('1', '2')");
  CHECK(has(fault({"--log-level", "loud"}), "--log-level: 'loud' is not one of trace, debug"));
  CHECK(fault({"--log-format", "xml"}) == "--log-format: 'xml' is not one of text, json");
  CHECK(fault({"--log-file", ""}) == "--log-file: '' is not the name of a file");
  CHECK(fault({"--spin", "2s"}) == "--spin: '2s' is too long: at most 1s");
}

TEST_CASE("an option that is not known is named with the one that was meant") {
  CHECK(fault({"-p", "7"}) == "unknown option '-p'; did you mean '--listen'?");
  CHECK(fault({"--lisen", ":7"}) == "unknown option '--lisen'; did you mean '--listen'?");
  CHECK(fault({"-M", "7"}) == "unknown option '-M'; did you mean '-m'?");
  CHECK(fault({"--idle", "7"}) == "unknown option '--idle'; did you mean '--idle-timeout'?");
}

TEST_CASE("log levels are taken in any case") {
  CHECK(read({"--log-level", "WARNING"}).log.level == Level::warn);
  CHECK(read({"--log-level", "Warn"}).log.level == Level::warn);
  CHECK(read({"--log-level", "debug"}).log.level == Level::debug);
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
  CHECK(fault({"-l", ":1", "-l", ":1"}) == "--listen: :1 is given twice");
  CHECK(fault({"-l", "127.0.0.1:0", "-l", "127.0.0.1:0"}).empty());
  CHECK(fault({"-l", ":1", "--metrics", ":1"}) == "--listen and --metrics cannot both be :1");
  CHECK(has(fault({"--allow", "::1", "--deny", "::1"}), "--allow and --deny: "));
  CHECK(fault({"-D", "-D"}).empty());
}

TEST_CASE("a running server can take all but where it listens") {
  const Options running = read({});
  CHECK(changed_but_need_restart(running, running).empty());
  CHECK(changed_but_need_restart(read({"-i", "1s", "--heartbeat", "1s", "--log-level", "debug"}),
                                 running)
            .empty());
  CHECK(changed_but_need_restart(read({"-l", ":1", "--backlog", "1"}), running) ==
        std::vector<std::string>{"listen", "backlog"});
}

TEST_CASE("the text of every setting reads back as the same value") {
  Options options;
  for (const OptionSpec& setting : option_table(options)) {
    CAPTURE(setting.names);
    const std::string text = setting.format();
    if (text.empty()) continue;  // a file that is not given
    setting.assign({text});
    CHECK(setting.format() == text);
    CHECK(setting.initial == (setting.is_flag() ? "" : text));
  }
}

}  // namespace
}  // namespace echo::testing
