#pragma once

#include <string>
#include <vector>

#include "common/options/option_spec.h"

namespace echo {

// What stands on a command line, not looked into yet.
struct GivenWords {
  std::vector<std::vector<std::string>> values;  // of each option, in the order of the command's
  bool help = false;
  bool version = false;
  bool dump_options = false;

  // One of the three was asked for: nothing else of the command line counts.
  bool ask_for_text() const { return help || version || dump_options; }
};

// Splits the words behind the command's name into options and their values, with CLI11. Throws
// UsageError for what the table does not know, for a value or a positional that is missing, and for
// options that exclude each other.
GivenWords split_words(const ProgramSpec& program, const CommandSpec& command,
                       const std::vector<std::string>& words);

// Gives each option the values that stand there for it. Throws UsageError that names the option.
void assign_values(const CommandSpec& command, const GivenWords& given);

// The text that was asked for: help, version or the option table.
std::string text_asked_for(const ProgramSpec& program, const CommandSpec& command,
                           const GivenWords& given);

// The options that every program has: --help, --dump-options and, in its first command, --version.
std::vector<OptionSpec> common_options(bool with_version);

}  // namespace echo
