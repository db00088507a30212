#include "client/command_line/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "client/command_line/commands.h"
#include "client/command_line/fleet_options.h"
#include "common/options/nearest.h"
#include "common/options/word_parser.h"

namespace echo {
namespace {

CommandSpec program_command() {
  return {
      .name = "",
      .summary =
          "Talk to an echo server, ping it, load it or try its silences, and compare every byte",
      .options = {},
      .sections =
          {{.text =
                "echoc ADDR is short for echoc talk ADDR. Each command has a --help of its own."},
           {.title = "Values",
            .rows = {{"DURATION", "250us 100ms 5s 2m 1h 7d; a bare number is seconds"},
                     {"N, RATE, SIZE", "50 10k 1M (k = 1000); 512 64k 4M 1G bytes (k = 1024)"}}},
           {.title = "Exit status",
            .rows =
                {{"0", "Good"},
                 {"1", "No connection, or something was lost"},
                 {"2", "Wrong usage"},
                 {"3",
                  "Missed: an objective of load or merge, the silence of idle --require, or the "
                  "threshold of compare --fail"},
                 {"4", "Bytes came back wrong"},
                 {"130", "Interrupted before the work was done"}}},
           {.title = "Examples",
            .rows = {{"echoc 127.0.0.1:7007", "What you type comes back"},
                     {"echoc :7007 <file >copy", "Leaves copy equal to file"},
                     {"echoc ping -n 10 -i 200ms :7007", "Ten verified messages, five per second"},
                     {"echoc load -c 50 -r 1000 :7007",
                      "1000 messages per second over 50 connections"},
                     {"echoc idle 10.0.0.1:7007", "Which silences the path survives, in 350 s"}}}},
      .usage = "echoc COMMAND [OPTION]... or echoc ADDR"};
}

// All that can be said on the command line, with the table that is bound to it.
struct Said {
  TalkOptions talk;
  PingOptions ping;
  LoadPlan load;
  idle::Options idle;
  MergeOptions merge;
  CompareOptions compare;
  ReportOptions report;
  ProgramSpec program{.name = "echoc", .commands = {}};

  Said() {
    program.commands = {program_command(),        talk_command(talk),    ping_command(ping),
                        load_command(load),       idle_command(idle),    merge_command(merge),
                        compare_command(compare), report_command(report)};
    for (CommandSpec& command : program.commands) {
      for (OptionSpec& option : common_options(command.name.empty())) {
        command.options.push_back(std::move(option));
      }
    }
  }
  Said(const Said&) = delete;
  Said& operator=(const Said&) = delete;
  ~Said() = default;

  const CommandSpec* find(std::string_view name) const {
    const auto found = std::ranges::find(program.commands, name, &CommandSpec::name);
    return found == program.commands.end() ? nullptr : &*found;
  }

  bool is_program_option(const std::string& word) const {
    return std::ranges::any_of(program.commands.front().options, [&word](const auto& option) {
      return std::ranges::count(option.all_names(), word) > 0;
    });
  }
};

// A word that is neither a command nor looks like an address.
void refuse_unknown_command(const ProgramSpec& program, const std::vector<std::string>& words) {
  const std::string& word = words.front();
  if (word.starts_with('-') || word.find(':') != word.npos) return;
  std::vector<std::string> known;
  for (const CommandSpec& command : program.commands) known.push_back(command.name);
  if (const auto meant = nearest(word, known)) {
    throw UsageError(fmt::format("unknown command '{}'; did you mean '{}'?", word, *meant));
  }
  if (words.size() > 1 && !words[1].starts_with('-')) {
    throw UsageError(fmt::format("unknown command '{}'; see echoc --help", word));
  }
}

// Takes the command's name off the words. `echoc ADDR` is `echoc talk ADDR`, with talk's options.
const CommandSpec& take_command(const Said& said, std::vector<std::string>& words) {
  if (words.empty()) {
    throw UsageError("the server's address is missing, such as 127.0.0.1:7007; see echoc --help");
  }
  if (said.is_program_option(words.front())) return said.program.commands.front();
  const CommandSpec* command = words.front().empty() ? nullptr : said.find(words.front());
  if (command != nullptr) {
    words.erase(words.begin());
    return *command;
  }
  refuse_unknown_command(said.program, words);
  return *said.find("talk");
}

}  // namespace

Command parse_command_line(int argc, const char* const* argv) {
  Said said;
  std::vector<std::string> words(argv + 1, argv + argc);
  const CommandSpec& command = take_command(said, words);
  if (command.name == "compare") mark_separator(words);
  const GivenWords given = split_words(said.program, command, words);
  if (given.ask_for_text()) return ShowText{text_asked_for(said.program, command, given)};
  assign_values(command, given);
  if (command.name == "ping") return said.ping;
  if (command.name == "merge") return said.merge;
  if (command.name == "report") return said.report;
  if (command.name == "talk") return said.talk;
  if (command.name == "compare") {
    check_sides(said.compare);
    return said.compare;
  }
  if (command.name == "idle") {
    check_idle(said.idle);
    return said.idle;
  }
  take_share(said.load);
  check_plan(said.load);
  return said.load;
}

}  // namespace echo
