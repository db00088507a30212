#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace echo {

// The option table: what a program can be told, as plain values. The command line, the help, the
// configuration file, the manual pages and the completion are all made from it.

// An option or a positional, bound to the member that it fills, which must outlive it.
struct OptionSpec {
  std::string names;  // "-i,--idle-timeout"; a positional has no dash: "ADDR"
  std::string value;  // what its value is called in the help, such as DURATION; empty for a flag
  std::string help;
  std::function<void(const std::string&)> parse;  // takes one value; throws std::invalid_argument
  std::function<std::string()> format;            // the present value as a user would write it
  std::function<void()> clear = nullptr;          // empties a list; set if it may be given again
  std::string initial = {};                       // the default, for the help
  std::vector<std::string> choices = {};          // words that the value can be
  std::string aliases = {};   // what other programs call it, for suggestions: "--rps --qps"
  std::string excludes = {};  // the long name of an option that contradicts it
  bool is_number = false;     // a configuration file may write it as a number, without quotes
  bool required = false;
  bool hidden = false;     // not in the help
  bool reloadable = true;  // a running server can take a new value

  bool is_flag() const { return value.empty() && !is_positional(); }
  bool is_positional() const { return !names.starts_with('-'); }
  bool is_list() const { return clear != nullptr; }

  // {"-i", "--idle-timeout"}
  std::vector<std::string> all_names() const;

  // "--idle-timeout", or "ADDR": what a message calls it.
  std::string long_name() const;

  // "idle-timeout": the key in the configuration file.
  std::string key() const;

  // Takes the values in place of what was there. Throws std::invalid_argument.
  void assign(const std::vector<std::string>& values) const;
};

// A part of the help behind the options: paragraphs, one per line, and terms with their meaning.
struct HelpSection {
  std::string title = {};
  std::string text = {};
  std::vector<std::pair<std::string, std::string>> rows = {};
};

struct CommandSpec {
  std::string name;  // empty for what a program does without a command
  std::string summary;
  std::vector<OptionSpec> options;
  std::vector<HelpSection> sections = {};
  std::string usage = {};  // in place of "[OPTION]..." and the positionals
};

struct ProgramSpec {
  std::string name;
  std::vector<CommandSpec> commands;
};

// "echod", "echoc load"
std::string full_name(const ProgramSpec& program, const CommandSpec& command);

}  // namespace echo
