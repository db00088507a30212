#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/options/option_kinds.h"
#include "common/options/option_spec.h"
#include "common/options/word_parser.h"

namespace echo::testing {

// A text as a value of a list.
struct Word {
  std::string content;

  static Word parse(const std::string& text) { return {text}; }
  const std::string& text() const { return content; }
};

// A program with an option of each kind and the members behind them.
struct SampleProgram {
  std::chrono::nanoseconds timeout = std::chrono::seconds(5);
  int count = 3;
  std::uint64_t size = 65536;
  std::string file;
  bool quiet = false;
  std::vector<Word> words{{"a"}, {"b"}};
  std::vector<Word> files;
  ProgramSpec program{.name = "sample", .commands = {}};

  SampleProgram() {
    OptionSpec timeout_option =
        duration_option("-t,--timeout", timeout, "How long to wait", kLongerThanZero);
    timeout_option.aliases = "-w --deadline";
    OptionSpec counted_option =
        count_option("-n,-c,--count", count, "How many", {.lowest = 1, .highest = 10});
    counted_option.excludes = "--timeout";
    OptionSpec files_argument = list_option("FILE", "", files, "Files to read");
    files_argument.required = true;
    CommandSpec command{.name = "run",
                        .summary = "Do it",
                        .options = {std::move(timeout_option), std::move(counted_option),
                                    size_option("--size", size, "How large", {.highest = 1 << 20}),
                                    file_option("-o,--output", file, "Where to write"),
                                    flag_option("-q,--quiet", quiet, "Print nothing"),
                                    list_option("--word", "WORD", words, "Words to use"),
                                    std::move(files_argument)}};
    for (OptionSpec& option : common_options(true)) command.options.push_back(std::move(option));
    program.commands.push_back(std::move(command));
  }
  SampleProgram(const SampleProgram&) = delete;
  SampleProgram& operator=(const SampleProgram&) = delete;
  ~SampleProgram() = default;

  const CommandSpec& command() const { return program.commands.front(); }

  void take(const std::vector<std::string>& arguments) {
    assign_values(command(), split_words(program, command(), arguments));
  }
};

}  // namespace echo::testing
