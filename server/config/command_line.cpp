#include "server/config/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <stdexcept>
#include <utility>

#include "common/console.h"
#include "common/options/option_kinds.h"
#include "common/options/word_parser.h"
#include "server/config/config_file.h"
#include "server/config/file_roles.h"
#include "server/config/option_table.h"
#include "server/core/access_list.h"

namespace echo {
namespace {

std::vector<HelpSection> help_sections() {
  return {
      {.text = "The command line wins over the configuration file."},
      {.title = "Values",
       .rows = {{"DURATION", "250us 100ms 5s 2m 1h 7d; a bare number is seconds, 0 = off"},
                {"N, SIZE", "50 10k 1M (k = 1000); 512 64k 1M bytes (k = 1024)"},
                {"ADDR",
                 "host:port, [v6]:port, :port (all interfaces), unix:/path or unix:@name "
                 "(abstract); port 0: the kernel picks one"},
                {"CIDR", "10.0.0.0/8 or 2001:db8::/32"}}},
      {.title = "Signals",
       .rows = {{"TERM, INT", "Let clients finish; a second one ends immediately"},
                {"HUP", "Read the configuration file again and reopen the log file"},
                {"USR1", "Log all counters"}}},
      {.title = "Exit status",
       .rows = {{"0", "Clean"},
                {"1", "Could not start or run"},
                {"2", "Wrong usage or configuration"},
                {"3", "Connections were reset at the end"}}},
      {.title = "Example", .rows = {{"echod --listen :7007 --idle-timeout 30s", ""}}},
  };
}

// What the command line and the configuration file that it names say.
class CommandLine {
 public:
  CommandLine(int argc, const char* const* argv) : settings_(option_table(options_)) {
    CommandSpec& command = program_.commands.emplace_back();
    command.summary = "A multi-client TCP echo server with a worker thread for each connection";
    command.options = settings_;
    command.sections = help_sections();
    OptionSpec config = file_option("--config", config_file_, "Read settings from FILE (TOML)");
    config.aliases = "-f -c --conf --config-file";
    command.options.push_back(std::move(config));
    command.options.push_back(
        flag_option("--check-config", check_, "Print \"ok\" or the first fault, and end"));
    for (OptionSpec& option : common_options(true)) command.options.push_back(std::move(option));
    given_ = split_words(program_, command, {argv + 1, argv + argc});
  }
  CommandLine(const CommandLine&) = delete;  // the table is bound to the options
  CommandLine& operator=(const CommandLine&) = delete;
  ~CommandLine() = default;

  bool asks_for_text() const { return given_.ask_for_text(); }
  std::string text() const { return text_asked_for(program_, command(), given_); }

  // Throws UsageError.
  Options read() {
    // Twice, for the file's name first, and then because the command line wins over the file.
    assign_values(command(), given_);
    if (!config_file_.empty()) {
      read_config_file(config_file_, settings_);
      assign_values(command(), given_);
    }
    check_contradictions();
    return options_;
  }

  bool only_check() const { return check_; }

 private:
  const CommandSpec& command() const { return program_.commands.front(); }
  void check_addresses() const;
  void check_contradictions() const;

  Options options_;
  const std::vector<OptionSpec> settings_;
  std::string config_file_;
  bool check_ = false;
  ProgramSpec program_{.name = "echod", .commands = {}};
  GivenWords given_;
};

// Two sockets can't have one address.
void CommandLine::check_addresses() const {
  std::vector<std::string> addresses;
  const auto add = [&addresses](const Address& address, const char* twice) {
    const bool kernel_picks = address.path.empty() && address.port == 0;
    if (!kernel_picks && std::ranges::find(addresses, address.text()) != addresses.end()) {
      throw UsageError(fmt::format(fmt::runtime(twice), address.text()));
    }
    addresses.push_back(address.text());
  };
  for (const Address& address : options_.listen) add(address, "--listen: {} is given twice");
  if (options_.metrics) add(*options_.metrics, "--listen and --metrics cannot both be {}");
}

void CommandLine::check_contradictions() const {
  check_addresses();
  try {
    AccessList(options_.admission.allow, options_.admission.deny);
  } catch (const std::invalid_argument& error) {
    throw UsageError(fmt::format("--allow and --deny: {}", error.what()));
  }
  check_file_roles(options_, config_file_);
}

}  // namespace

std::variant<Options, ExitCode> parse_options(int argc, const char* const* argv) {
  try {
    CommandLine command_line(argc, argv);
    if (command_line.asks_for_text()) return print(command_line.text()) ? exit_ok : exit_failed;
    const Options options = command_line.read();
    if (!command_line.only_check()) return options;
    return print("ok\n") ? exit_ok : exit_failed;
  } catch (const UsageError& error) {
    print_error(fmt::format("echod: {}", error.what()));
    return exit_usage;
  }
}

Options read_options(int argc, const char* const* argv) {
  return CommandLine(argc, argv).read();
}

}  // namespace echo
