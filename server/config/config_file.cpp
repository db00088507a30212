#include "server/config/config_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "common/options/nearest.h"
#include "common/usage_error.h"
#include "server/config/config_text.h"

namespace echo {
namespace {

// "key = value" with its line.
struct Entry {
  std::string key;
  const toml::node* value;
  std::size_t line;
};

std::string in_quotes(const std::string& text) {
  return fmt::format("\"{}\"", text);
}

std::string line_of(const std::string& text, std::size_t number) {
  std::istringstream lines(text);
  std::string line;
  for (std::size_t i = 0; i < number; ++i) std::getline(lines, line);
  return line;
}

bool is_toml(const std::string& text) {
  try {
    [[maybe_unused]] const toml::table table = toml::parse(text);
    return true;
  } catch (const toml::parse_error&) {
    return false;
  }
}

// What is wrong with a line that is not TOML. Files that other servers read, and ours of old, have
// text without quotes; whether quotes would do is again for the parser to say.
std::string explain(const std::string& line, std::string_view why) {
  const std::size_t equals = line.find('=');
  if (equals == line.npos || is_toml(line)) return std::string(why);
  const auto trim = [](std::string text) {
    text.erase(0, std::min(text.find_first_not_of(" \t"), text.size()));
    text.erase(text.find_last_not_of(" \t\r") + 1);  // npos + 1 is 0
    return text;
  };
  const std::string key = trim(line.substr(0, equals));
  const std::string rest = line.substr(equals + 1);
  const std::string value = trim(rest.substr(0, std::min(rest.find(" #"), rest.size())));
  if (value.empty()) return fmt::format("{} has no value", key);
  if (value.starts_with('[') && value.ends_with(']')) {
    return fmt::format("{}: {}; text in a list needs quotes, such as [\"10.0.0.0/8\"]", key, why);
  }
  if (value.find_first_not_of("+-_0123456789") == value.npos) {
    return fmt::format("{}: {}", key, why);  // a number that TOML refuses, as one that is too large
  }
  const std::string right = in_quotes(value);
  if (value.find_first_of("\"'\\") != value.npos || !is_toml(key + " = " + right)) {
    return std::string(why);
  }
  return fmt::format("{} needs quotes: {}", key, right);
}

// A number as it is written on a command line.
std::string number_text(double number) {
  std::array<char, 64> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  return error == std::errc{} ? std::string(text.data(), end) : fmt::format("{}", number);
}

// The value as it would be written on the command line. Throws std::invalid_argument if its type is
// not the option's.
std::string text_of(const toml::node& value, const OptionSpec& option) {
  if (const auto* text = value.as_string()) {
    if (!option.is_flag()) return text->get();
    throw std::invalid_argument(
        fmt::format("{} is text; write true or false, without quotes", in_quotes(text->get())));
  }
  std::string text;
  if (const auto* integer = value.as_integer()) text = std::to_string(integer->get());
  if (const auto* number = value.as_floating_point()) text = number_text(number->get());
  if (const auto* flag = value.as_boolean()) text = flag->get() ? "true" : "false";
  if (text.empty()) throw std::invalid_argument("needs quotes around its value");
  const bool fits = option.is_flag() ? value.is_boolean() : option.is_number && value.is_number();
  if (fits) return text;
  if (option.is_flag()) throw std::invalid_argument(fmt::format("'{}' is not true or false", text));
  if (option.is_number && value.is_boolean()) {
    throw std::invalid_argument(fmt::format("'{}' is not a number", text));
  }
  // Another base means something, and the text above is without it.
  const auto* integer = value.as_integer();
  if (integer != nullptr && integer->flags() != toml::value_flags::none) {
    throw std::invalid_argument("needs quotes around its value");
  }
  throw std::invalid_argument(fmt::format("needs quotes: {}", in_quotes(text)));
}

std::vector<std::string> texts_of(const toml::node& value, const OptionSpec& option) {
  const toml::array* list = value.as_array();
  if (list == nullptr) return {text_of(value, option)};
  if (!option.is_list()) throw std::invalid_argument("takes one value, not a list");
  if (list->empty())
    throw std::invalid_argument("'[]' is empty; leave the line out for the default");
  std::vector<std::string> texts;
  for (const toml::node& each : *list) {
    if (each.is_array()) throw std::invalid_argument("a list in a list");
    texts.push_back(text_of(each, option));
  }
  return texts;
}

class ConfigFile {
 public:
  ConfigFile(std::string file, std::span<const OptionSpec> options)
      : file_(std::move(file)), options_(options) {}

  void read() {
    const std::string text = read_config_text(file_);
    try {
      table_ = toml::parse(text);
    } catch (const toml::parse_error& error) {
      const std::size_t line = error.source().begin.line;
      refuse(line, explain(line_of(text, line), error.description()));
    }
    // In the order of the file, so that the first fault is the one that is reported.
    std::vector<Entry> entries;
    for (const auto& [key, value] : table_) {
      entries.push_back({std::string(key.str()), &value, key.source().begin.line});
    }
    std::ranges::sort(entries, {}, &Entry::line);
    for (const Entry& entry : entries) assign(entry);
  }

 private:
  [[noreturn]] void refuse(std::size_t line, std::string_view why) const {
    throw UsageError(fmt::format("configuration file {}: line {}: {}", file_, line, why));
  }

  void assign(const Entry& entry) const {
    if (entry.value->is_table() || entry.value->is_array_of_tables()) {
      refuse(entry.line, fmt::format("'{}' is a table; the file has none", entry.key));
    }
    const auto option = std::ranges::find(options_, entry.key, &OptionSpec::key);
    if (option == options_.end()) refuse_unknown(entry);
    try {
      option->assign(texts_of(*entry.value, *option));
    } catch (const std::invalid_argument& error) {
      const std::string_view why = error.what();
      const std::string_view between =
          why.starts_with("needs") || why.starts_with("takes") ? " " : ": ";
      refuse(entry.line, fmt::format("{}{}{}", entry.key, between, why));
    }
  }

  [[noreturn]] void refuse_unknown(const Entry& entry) const {
    std::vector<std::string> keys;
    for (const OptionSpec& option : options_) keys.push_back(option.key());
    const auto meant = nearest(entry.key, keys);
    const std::string hint = meant ? fmt::format("; did you mean '{}'?", *meant) : "";
    refuse(entry.line, fmt::format("unknown key '{}'{}", entry.key, hint));
  }

  std::string file_;
  std::span<const OptionSpec> options_;
  toml::table table_;
};

}  // namespace

void read_config_file(const std::string& file, std::span<const OptionSpec> options) {
  ConfigFile(file, options).read();
}

}  // namespace echo
