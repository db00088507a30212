#include "common/options/help.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <sstream>
#include <string_view>
#include <system_error>

namespace echo {
namespace {

constexpr std::size_t kIndent = 2;
// A longer one has a line of its own.
constexpr std::size_t kWidestTerm = 30;

// Puts text into lines that break between words. The first line begins behind what is in `result`
// already, the next ones at the column `indent`.
void wrap(std::string& result, std::string_view text, std::size_t indent, std::size_t width) {
  std::size_t column = result.size() - (result.rfind('\n') + 1);  // npos + 1 is 0
  bool at_start = true;
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word; at_start = false) {
    if (!at_start && column + 1 + word.size() > width) {
      result += '\n' + std::string(indent, ' ');
      column = indent;
      at_start = true;
    }
    if (!at_start) result += ' ';
    result += word;
    column += word.size() + (at_start ? 0 : 1);
  }
  result += '\n';
}

struct Row {
  std::string term;
  std::string meaning;
};

// Without a line break at its end. Only a term that is wider than the line is broken.
std::string term_text(const std::string& term, std::size_t width) {
  std::string result(kIndent, ' ');
  if (kIndent + term.size() <= width) return result + term;
  constexpr std::size_t kDeeper = 6;
  result.append(term.find_first_not_of(' '), ' ');
  wrap(result, term, kDeeper, width);
  result.pop_back();
  return result;
}

// Terms on the left and what they mean beside them.
std::string rows_text(const std::vector<Row>& rows, std::size_t width) {
  const std::size_t limit = std::min(kWidestTerm, width * 2 / 5);
  std::size_t widest = 0;
  for (const Row& row : rows) {
    if (row.term.size() <= limit) widest = std::max(widest, row.term.size());
  }
  const std::size_t column = kIndent + widest + 2;
  std::string result;
  for (const Row& row : rows) {
    std::string part = term_text(row.term, width);
    if (!row.meaning.empty()) {
      if (row.term.size() > widest) part += '\n';
      part.append(row.term.size() > widest ? column : column - part.size(), ' ');
      wrap(part, row.meaning, column, width);
    } else {
      part += '\n';
    }
    result += part;
  }
  return result;
}

// "-i, --idle-timeout DURATION"; without a short name the long ones stand below each other.
std::string term_of(const OptionSpec& option) {
  std::string term = fmt::format("{}", fmt::join(option.all_names(), ", "));
  if (option.is_positional()) return option.is_list() ? term + "..." : term;
  if (term.starts_with("--")) term.insert(0, 4, ' ');
  return option.is_flag() ? term : term + ' ' + option.value;
}

// What it does and its default in brackets, if there is one to show.
std::string help_with_default(const OptionSpec& option) {
  const std::string again = option.is_list() && !option.is_positional() ? "; repeatable" : "";
  if (option.initial.empty()) return option.help + again;
  return fmt::format("{}{} [{}]", option.help, again, option.initial);
}

std::string usage_of(const ProgramSpec& program, const CommandSpec& command) {
  if (!command.usage.empty()) return command.usage;
  std::string usage = full_name(program, command) + " [OPTION]...";
  for (const OptionSpec& option : command.options) {
    if (option.is_positional()) usage += ' ' + term_of(option);
  }
  return usage;
}

void add_rows(std::string& help, const std::string& title, const std::vector<Row>& rows,
              std::size_t width) {
  if (rows.empty()) return;
  help += '\n' + title + ":\n" + rows_text(rows, width);
}

void add_section(std::string& help, const HelpSection& section, std::size_t width) {
  help += '\n';
  if (!section.title.empty()) help += section.title + ":\n";
  std::istringstream paragraphs(section.text);
  for (std::string paragraph; std::getline(paragraphs, paragraph);) {
    wrap(help, paragraph, 0, width);
  }
  std::vector<Row> rows;
  for (const auto& [term, meaning] : section.rows) rows.push_back({term, meaning});
  help += rows_text(rows, width);
}

}  // namespace

std::string help_text(const ProgramSpec& program, const CommandSpec& command, std::size_t width) {
  std::string help = "Usage: ";
  wrap(help, usage_of(program, command), help.size(), width);
  help += '\n';
  wrap(help, command.summary + '.', 0, width);
  std::vector<Row> commands;
  if (command.name.empty()) {
    for (const CommandSpec& each : program.commands) {
      if (!each.name.empty()) commands.push_back({each.name, each.summary});
    }
  }
  std::vector<Row> positionals;
  std::vector<Row> options;
  for (const OptionSpec& option : command.options) {
    if (option.hidden) continue;
    auto& rows = option.is_positional() ? positionals : options;
    rows.push_back({term_of(option), help_with_default(option)});
  }
  add_rows(help, "Commands", commands, width);
  add_rows(help, "Arguments", positionals, width);
  add_rows(help, "Options", options, width);
  for (const HelpSection& section : command.sections) add_section(help, section, width);
  return help;
}

std::size_t help_width() {
  constexpr std::size_t kUsual = 80;
  constexpr std::size_t kNarrowest = 40;
  const char* columns = std::getenv("COLUMNS");
  const std::string_view text = columns == nullptr ? "" : columns;
  std::size_t width = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), width).ec != std::errc{}) width = 0;
  winsize size{};
  if (width == 0 && ::isatty(STDOUT_FILENO) != 0 &&
      ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
    width = size.ws_col;
  }
  return width == 0 ? kUsual : std::max(width, kNarrowest);
}

}  // namespace echo
