#include "server/config/config_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>

#include <CLI/CLI.hpp>

#include "common/descriptor.h"
#include "server/config/command_line.h"

namespace echo {
namespace {

constexpr std::size_t kLongestFile = 1024 * 1024;

[[noreturn]] void refuse(const std::string& file, std::string_view why) {
  throw UsageError(fmt::format("configuration file {}: {}", file, why));
}

// Before anything is read: a device or a pipe would never end, and may not even open in time.
Descriptor open_regular(const std::string& file) {
  Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!descriptor) refuse(file, std::strerror(errno));
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) refuse(file, std::strerror(errno));
  if (S_ISDIR(status.st_mode)) refuse(file, "is a folder, not a file");
  if (!S_ISREG(status.st_mode)) refuse(file, "is not a regular file");
  return descriptor;
}

std::string read_all(const std::string& file) {
  const Descriptor descriptor = open_regular(file);
  std::string text(kLongestFile + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(descriptor.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse(file, std::strerror(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kLongestFile) refuse(file, "is longer than 1 MiB");
  text.resize(size);
  return text;
}

bool is_open_quote(std::string_view value) {
  const bool quoted = value.front() == '"' || value.front() == '\'';
  return quoted && (value.size() == 1 || value.back() != value.front());
}

// What CLI11 would let pass: it takes a line without '=' for a flag that is true, skips one of less
// than 3 characters, and cuts a value at '#' even between quotes.
void check_lines(const std::string& file, const std::string& text) {
  std::istringstream input(text);
  std::string line;
  bool in_list = false;  // a list may go on over several lines
  for (int number = 1; std::getline(input, line); ++number) {
    CLI::detail::trim(line);
    if (line.starts_with('#') || line.starts_with(';')) continue;
    CLI::detail::trim(line.erase(std::min(line.find('#'), line.size())));
    if (line.empty()) continue;
    if (!in_list) {
      const std::size_t equals = std::min(line.find('='), line.size() - 1);
      const std::string value = CLI::detail::trim_copy(line.substr(equals + 1));
      if (equals == 0 || value.empty()) {
        refuse(file, fmt::format("line {}: '{}' is not 'name = value'", number, line));
      }
      if (is_open_quote(value)) {
        refuse(file, fmt::format("line {}: a quote is not closed in '{}'", number, line));
      }
      // CLI11 takes the bracket itself for a value.
      if (value == "[") {
        refuse(file, fmt::format("line {}: a list has its first value behind the '['", number));
      }
      in_list = value.front() == '[';
    }
    if (line.back() == ']') in_list = false;
  }
  if (in_list) refuse(file, "a list has no ']' at its end; an IPv6 address goes in quotes");
}

}  // namespace

std::vector<ConfigEntry> read_config_file(const std::string& file) {
  const std::string text = read_all(file);
  check_lines(file, text);
  std::istringstream input(text);
  std::vector<ConfigEntry> entries;
  for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_config(input)) {
    const auto same = std::ranges::find(entries, item.fullname(), &ConfigEntry::key);
    ConfigEntry& entry = same == entries.end() ? entries.emplace_back() : *same;
    entry.key = item.fullname();
    entry.values.insert(entry.values.end(), item.inputs.begin(), item.inputs.end());
  }
  return entries;
}

}  // namespace echo
