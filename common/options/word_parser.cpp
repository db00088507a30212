#include "common/options/word_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <sstream>
#include <stdexcept>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "common/options/help.h"
#include "common/options/nearest.h"
#include "common/options/option_dump.h"
#include "common/usage_error.h"

namespace echo {
namespace {

constexpr const char* kHelp = "--help";
constexpr const char* kVersion = "--version";
constexpr const char* kDumpOptions = "--dump-options";

bool has_name(const OptionSpec& option, std::string_view name) {
  return std::ranges::count(option.all_names(), name) > 0;
}

const OptionSpec* find_option(const CommandSpec& command, std::string_view name) {
  const auto found = std::ranges::find_if(
      command.options, [name](const OptionSpec& option) { return has_name(option, name); });
  return found == command.options.end() ? nullptr : &*found;
}

std::string see_help(const ProgramSpec& program, const CommandSpec& command) {
  return fmt::format("see {} --help", full_name(program, command));
}

// "--rate=5" is "--rate", and "-r5" is "-r".
std::string name_in(const std::string& word) {
  return word.starts_with("--") ? word.substr(0, word.find('=')) : word.substr(0, 2);
}

// The option that was meant by a name that is not known.
std::optional<std::string> meant(const CommandSpec& command, const std::string& name) {
  std::vector<std::string> known;
  for (const OptionSpec& option : command.options) {
    if (option.hidden || option.is_positional()) continue;
    std::istringstream aliases(option.aliases);
    for (std::string alias; aliases >> alias;) {
      if (alias == name) return option.long_name();
    }
    known.push_back(option.long_name());
  }
  if (name.starts_with("--")) return nearest(name, known);
  std::string other_case = name;
  for (char& c : other_case) {
    const auto letter = static_cast<unsigned char>(c);
    c = static_cast<char>(std::isupper(letter) != 0 ? std::tolower(letter) : std::toupper(letter));
  }
  if (find_option(command, other_case) != nullptr) return other_case;
  return std::nullopt;
}

// CLI11 takes the next word for the value of "--name=", whose value is empty.
std::vector<std::string> with_empty_values(const CommandSpec& command,
                                           const std::vector<std::string>& words) {
  std::vector<std::string> result;
  for (const std::string& word : words) {
    const bool ends_in_equals = word.starts_with("--") && word.find('=') == word.size() - 1;
    const std::string name = word.substr(0, word.size() - (ends_in_equals ? 1 : 0));
    const OptionSpec* option = ends_in_equals ? find_option(command, name) : nullptr;
    if (option == nullptr || option->is_flag()) {
      result.push_back(word);
    } else {
      result.insert(result.end(), {name, ""});
    }
  }
  return result;
}

class WordParser {
 public:
  WordParser(const ProgramSpec& program, const CommandSpec& command)
      : program_(program), command_(command), app_(program.name) {
    app_.set_help_flag();
    app_.allow_extras();
    given_.values.resize(command.options.size());
    for (std::size_t i = 0; i < command.options.size(); ++i) add(i);
  }

  GivenWords parse(const std::vector<std::string>& words) {
    split(with_empty_values(command_, words));
    given_.help = is_given(kHelp);
    given_.version = is_given(kVersion);
    given_.dump_options = is_given(kDumpOptions);
    if (given_.ask_for_text()) return std::move(given_);
    for (std::size_t i = 0; i < command_.options.size(); ++i) check_values(i);
    take_positionals();
    for (std::size_t i = 0; i < command_.options.size(); ++i) check(i);
    return std::move(given_);
  }

 private:
  // Each may be given several times as far as CLI11 knows, so that it is we who refuse that.
  void add(std::size_t i) {
    const OptionSpec& spec = command_.options[i];
    if (spec.is_positional()) return;
    CLI::Option* option = app_.add_option(spec.names, given_.values[i])->allow_extra_args(false);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    if (spec.is_flag()) {
      option->type_size(0)->expected(0);
    } else {
      option->type_size(1)->expected(1);
    }
  }

  void split(std::vector<std::string> words) {
    const std::string last = words.empty() ? "" : words.back();
    std::ranges::reverse(words);  // the order in which CLI11 takes them
    try {
      app_.parse(words);
    } catch (const CLI::ArgumentMismatch&) {
      // An option takes whatever follows it, so that only the last one can lack its value.
      const OptionSpec* option = find_option(command_, last);
      throw UsageError(fmt::format("{} needs a value", option ? option->long_name() : last));
    } catch (const CLI::ParseError& error) {
      throw UsageError(error.what());
    }
  }

  bool is_given(std::string_view name) const {
    for (std::size_t i = 0; i < command_.options.size(); ++i) {
      if (command_.options[i].long_name() == name) return !given_.values[i].empty();
    }
    return false;
  }

  [[noreturn]] void refuse(const std::string& what) const {
    throw UsageError(fmt::format("{}; {}", what, see_help(program_, command_)));
  }

  // "--log-file --daemon": an option takes whatever follows it.
  void check_values(std::size_t i) const {
    for (const std::string& value : given_.values[i]) {
      if (find_option(command_, value) == nullptr || !value.starts_with('-')) continue;
      throw UsageError(fmt::format("{} needs a value; '{}' is an option",
                                   command_.options[i].long_name(), value));
    }
  }

  void refuse_unknown(const std::string& name) const {
    const auto suggestion = meant(command_, name);
    if (!suggestion) refuse(fmt::format("unknown option '{}'", name));
    throw UsageError(fmt::format("unknown option '{}'; did you mean '{}'?", name, *suggestion));
  }

  // What CLI11 could not place: unknown options, and the positionals.
  void take_positionals() {
    std::vector<std::string> words;
    bool options_ended = false;
    for (const std::string& word : app_.remaining()) {
      if (!options_ended && word == "--") {
        options_ended = true;
      } else if (!options_ended && word.size() > 1 && word.starts_with('-')) {
        refuse_unknown(name_in(word));
      } else {
        words.push_back(word);
      }
    }
    auto word = words.begin();
    for (std::size_t i = 0; i < command_.options.size(); ++i) {
      const OptionSpec& option = command_.options[i];
      if (!option.is_positional()) continue;
      const auto end = option.is_list() || word == words.end() ? words.end() : word + 1;
      given_.values[i].assign(word, end);
      word = end;
    }
    if (word != words.end()) refuse(fmt::format("unexpected argument '{}'", *word));
  }

  void check(std::size_t i) const {
    const OptionSpec& option = command_.options[i];
    if (given_.values[i].empty()) {
      if (option.required) refuse(fmt::format("{} is missing", option.long_name()));
    } else if (!option.excludes.empty() && is_given(option.excludes)) {
      throw UsageError(
          fmt::format("{} and {} cannot both be given", option.long_name(), option.excludes));
    }
  }

  const ProgramSpec& program_;
  const CommandSpec& command_;
  CLI::App app_;
  GivenWords given_;
};

OptionSpec flag_of(std::string names, std::string help) {
  return {.names = std::move(names),
          .value = "",
          .help = std::move(help),
          .parse = [](const std::string&) {},
          .format = [] { return std::string(); }};
}

}  // namespace

GivenWords split_words(const ProgramSpec& program, const CommandSpec& command,
                       const std::vector<std::string>& words) {
  return WordParser(program, command).parse(words);
}

void assign_values(const CommandSpec& command, const GivenWords& given) {
  for (std::size_t i = 0; i < command.options.size(); ++i) {
    if (given.values[i].empty()) continue;
    try {
      command.options[i].assign(given.values[i]);
    } catch (const std::invalid_argument& error) {
      throw UsageError(fmt::format("{}: {}", command.options[i].long_name(), error.what()));
    }
  }
}

std::string text_asked_for(const ProgramSpec& program, const CommandSpec& command,
                           const GivenWords& given) {
  if (given.help) return help_text(program, command, help_width());
  if (given.version) return program.name + " " ECHO_VERSION "\n";
  return options_as_json(program) + '\n';
}

std::vector<OptionSpec> common_options(bool with_version) {
  std::vector<OptionSpec> options;
  if (with_version) options.push_back(flag_of("-V,--version", "Print the version"));
  options.push_back(flag_of("-h,--help", "Print this help"));
  options.push_back(flag_of(kDumpOptions, "Print the option table as JSON"));
  options.back().hidden = true;
  return options;
}

}  // namespace echo
