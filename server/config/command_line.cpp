#include "server/config/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <list>
#include <stdexcept>
#include <utility>

#include <CLI/CLI.hpp>

#include "common/printable.h"
#include "server/config/config_file.h"
#include "server/config/settings.h"
#include "server/core/access_list.h"

namespace echo {
namespace {

constexpr const char* kFooter =
    "Durations: 250us 100ms 5s 2m 1h 7d, a bare number is seconds, 0 is off. Sizes: 64k 1M.\n"
    "Addresses: host:port, [v6]:port, :port (every interface), unix:/path; port 0: the kernel "
    "picks.\n\n"
    "Signals: TERM and INT let clients finish (a second one ends at once), HUP reads the\n"
    "configuration file and opens the log file again, USR1 logs all counters.\n"
    "The command line wins over the configuration file.\n"
    "Exit: 0 clean, 1 could not start or run, 2 usage, 3 the drain timeout forced connections "
    "shut.\n\n"
    "Example: echod --listen :7007 --idle-timeout 30s";

// A second value is refused with a message of ours. One below what CLI11 calls a vector, for which
// the help shows "...".
constexpr int kMany = CLI::detail::expected_max_vector_size - 1;

// What is said on the command line and in the configuration file that it names.
class CommandLine {
 public:
  CommandLine()
      : app_("Multi-client TCP echo server: a worker thread for each connection.", "echod") {
    app_.set_version_flag("-V,--version", "echod " ECHO_VERSION);
    app_.footer(kFooter);
    app_.allow_extras();  // so that the message about them is ours
    for (const Setting& setting : settings_) {
      auto* option = add_option(setting.names, given_.emplace_back(), setting.what);
      option->type_name(setting.type)->default_str(setting.text());
      if (setting.is_flag) {
        option->type_size(0)->expected(0);
        option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
      } else if (!setting.clear) {
        option->expected(1, kMany);
      }
    }
    add_option("--config", config_files_,
               "read settings from this file, such as idle-timeout = 30s")
        ->expected(1, kMany)
        ->type_name("FILE");
    app_.add_flag("--check-config", check_, "say \"ok\" or the first fault, and do nothing else")
        ->disable_flag_override();
  }

  // Throws CLI::Success for help and version, UsageError for a mistake.
  Options read(int argc, const char* const* argv) {
    parse(argc, argv);
    if (config_files_.size() > 1) throw UsageError("--config was given twice");
    if (!config_files_.empty()) take_config_file();
    take_command_line();
    refuse_others();
    check_contradictions();
    return options_;
  }

  bool only_check() const { return check_; }
  void print(const CLI::Success& wish) const { app_.exit(wish); }

 private:
  CLI::Option* add_option(const std::string& names, std::vector<std::string>& values,
                          const std::string& what) {
    return app_.add_option(names, values, what)->allow_extra_args(false);
  }

  void parse(int argc, const char* const* argv);
  void take_config_file();
  void take_command_line();
  void refuse_others() const;
  void check_addresses() const;
  void check_contradictions() const;
  void check_files() const;

  Options options_;
  const std::vector<Setting> settings_ = settings_of(options_);
  CLI::App app_;
  std::list<std::vector<std::string>> given_;  // in the order of settings_
  std::vector<std::string> config_files_;
  bool check_ = false;
};

void CommandLine::parse(int argc, const char* const* argv) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::Success&) {
    throw;
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string_view text = error.what();  // "--listen: 1 required ADDRESS missing"
    if (!text.ends_with("missing")) throw UsageError(error.what());
    throw UsageError(fmt::format("{} needs a value", text.substr(0, text.find(':'))));
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what());
  }
}

void CommandLine::refuse_others() const {
  for (const std::string& text : app_.remaining()) {
    if (text.size() < 2 || !text.starts_with('-')) {
      throw UsageError(fmt::format("unexpected argument '{}'", text));
    }
    throw UsageError(fmt::format("unknown option '{}'", text.substr(0, text.find('='))));
  }
}

void CommandLine::take_config_file() {
  const std::string& file = config_files_.front();
  for (const ConfigEntry& entry : read_config_file(file)) {
    const auto setting = std::ranges::find(settings_, entry.key, &Setting::key);
    if (setting == settings_.end()) {
      throw UsageError(fmt::format("configuration file {}: unknown key '{}'", file, entry.key));
    }
    try {
      setting->read(entry.values);
    } catch (const std::invalid_argument& error) {
      throw UsageError(fmt::format("configuration file {}: {}: {}", file, entry.key, error.what()));
    }
  }
}

void CommandLine::take_command_line() {
  auto values = given_.begin();
  for (const Setting& setting : settings_) {
    try {
      if (!values->empty()) setting.read(*values);
    } catch (const std::invalid_argument& error) {
      throw UsageError(fmt::format("--{}: {}", setting.key(), error.what()));
    }
    ++values;
  }
}

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
  for (const Address& address : options_.listen) add(address, "--listen: {} is there twice");
  if (options_.metrics) add(*options_.metrics, "--listen and --metrics cannot both be {}");
}

void CommandLine::check_contradictions() const {
  check_addresses();
  try {
    AccessList(options_.admission.allow, options_.admission.deny);
  } catch (const std::invalid_argument& error) {
    throw UsageError(fmt::format("--allow and --deny: {}", error.what()));
  }
  check_files();
}

void CommandLine::check_files() const {
  const std::string config = config_files_.empty() ? "" : config_files_.front();
  std::vector<std::pair<const char*, std::string>> files{{"--log-file", options_.log.file},
                                                         {"--port-file", options_.port_file},
                                                         {"--pid-file", options_.pid_file},
                                                         {"--config", config}};
  std::erase_if(files, [](const auto& file) { return file.second.empty(); });
  for (auto one = files.begin(); one != files.end(); ++one) {
    for (auto other = std::next(one); other != files.end(); ++other) {
      if (one->second != other->second) continue;
      throw UsageError(
          fmt::format("{} and {} cannot both be {}", one->first, other->first, one->second));
    }
  }
  if (!options_.daemon) return;
  for (const Address& address : options_.listen) {
    if (!address.path.empty()) files.emplace_back("--listen unix:", address.path);
  }
  // It leaves the folder, which SIGHUP and the end of a unix socket would come back to.
  for (const auto& [name, file] : files) {
    if (file.starts_with('/')) continue;
    throw UsageError(fmt::format("--daemon: {} '{}' must begin with '/'", name, file));
  }
}

}  // namespace

std::variant<Options, ExitCode> parse_options(int argc, const char* const* argv) {
  CommandLine command_line;
  try {
    const Options options = command_line.read(argc, argv);
    if (!command_line.only_check()) return options;
    std::puts("ok");
    return exit_ok;
  } catch (const CLI::Success& wish) {
    command_line.print(wish);
    return exit_ok;
  } catch (const UsageError& error) {
    print_error(fmt::format("echod: {}; see echod --help", error.what()));
    return exit_usage;
  }
}

Options read_options(int argc, const char* const* argv) {
  return CommandLine().read(argc, argv);
}

}  // namespace echo
