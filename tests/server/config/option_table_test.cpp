#include "server/config/option_table.h"

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/server/config/read_words.h"
#include "tests/support/temporary_folder.h"

namespace echo::testing {
namespace {

using namespace std::chrono_literals;

// A value of an option, and whether it is what the options have.
struct Sample {
  std::string value;
  std::function<bool(const Options&)> is_taken;
};

const std::map<std::string, Sample>& samples() {
  static const std::map<std::string, Sample> all{
      {"listen", {"[::1]:1", [](const Options& o) { return o.listen.at(0).text() == "[::1]:1"; }}},
      {"port-file", {"/p", [](const Options& o) { return o.port_file == "/p"; }}},
      {"unix-mode", {"0660", [](const Options& o) { return o.unix_mode == 0660U; }}},
      {"backlog", {"1k", [](const Options& o) { return o.backlog == 1000; }}},
      {"metrics", {":2", [](const Options& o) { return o.metrics && o.metrics->text() == ":2"; }}},
      {"max-connections", {"7", [](const Options& o) { return o.admission.max_connections == 7; }}},
      {"max-per-address", {"8", [](const Options& o) { return o.admission.max_per_address == 8; }}},
      {"when-full",
       {"wait", [](const Options& o) { return o.admission.when_full == WhenFull::wait; }}},
      {"allow",
       {"10.0.0.0/8",
        [](const Options& o) {
          return o.admission.allow.size() == 1 && o.admission.allow.at(0).text() == "10.0.0.0/8";
        }}},
      {"deny",
       {"10.1.0.0/16",
        [](const Options& o) {
          return o.admission.deny.size() == 1 && o.admission.deny.at(0).text() == "10.1.0.0/16";
        }}},
      {"idle-timeout", {"1.5s", [](const Options& o) { return o.idle_timeout == 1500ms; }}},
      {"write-timeout", {"11s", [](const Options& o) { return o.write_timeout == 11s; }}},
      {"max-lifetime", {"12s", [](const Options& o) { return o.max_lifetime == 12s; }}},
      {"keepalive", {"13s", [](const Options& o) { return o.keepalive == 13s; }}},
      {"heartbeat", {"0", [](const Options& o) { return o.heartbeat == 0s; }}},
      {"drain-timeout", {"2min", [](const Options& o) { return o.drain_timeout == 2min; }}},
      {"spin", {"1ms", [](const Options& o) { return o.spin == 1ms; }}},
      {"workers", {"3", [](const Options& o) { return o.workers == 3; }}},
      {"stack-size", {"128k", [](const Options& o) { return o.stack_size == 128 * 1024; }}},
      {"log-level", {"DEBUG", [](const Options& o) { return o.log.level == Level::debug; }}},
      {"log-format", {"json", [](const Options& o) { return o.log.format == LogFormat::json; }}},
      {"log-file", {"/f", [](const Options& o) { return o.log.file == "/f"; }}},
      {"daemon", {"true", [](const Options& o) { return o.daemon; }}},
      {"pid-file", {"/d", [](const Options& o) { return o.pid_file == "/d"; }}},
      {"user", {"u", [](const Options& o) { return o.user == "u"; }}},
  };
  return all;
}

TEST_CASE("every option reaches its field from the command line and from a file") {
  const TemporaryFolder folder;
  const std::string file = folder.file("echod.toml");
  const Options defaults;
  Options options;
  for (const OptionSpec& option : option_table(options)) {
    CAPTURE(option.names);
    const auto found = samples().find(option.key());
    REQUIRE(found != samples().end());
    const auto& [value, is_taken] = found->second;
    CHECK_FALSE(is_taken(defaults));
    for (const std::string& name : option.all_names()) {
      CHECK(is_taken(read(option.is_flag() ? std::vector{name} : std::vector{name, value})));
    }
    const std::string text = option.is_flag() ? value : '"' + value + '"';
    write_file(file, option.key() + " = " + text + "\n");
    CHECK(is_taken(read({"--config", file})));
  }
  CHECK(samples().size() == option_table(options).size());
}

TEST_CASE("the command line wins over the file for every option") {
  const TemporaryFolder folder;
  const std::string file = folder.file("echod.toml");
  Options options;
  for (const OptionSpec& option : option_table(options)) {
    if (option.is_flag() || option.initial.empty()) continue;
    CAPTURE(option.names);
    const auto& [value, is_taken] = samples().at(option.key());
    write_file(file, option.key() + " = \"" + option.initial + "\"\n");
    CHECK_FALSE(is_taken(read({"--config", file})));
    CHECK(is_taken(read({option.long_name(), value, "--config", file})));
  }
}

}  // namespace
}  // namespace echo::testing
