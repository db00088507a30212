// Command lines and configuration files: each is taken or refused with a message, and what was
// taken can be written so that it reads the same.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/config/command_line.h"
#include "server/config/option_table.h"
#include "tests/fuzz/expect.h"

namespace {

using echo::testing::expect;

// The words of a command line, with a zero byte between two.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words{"echod"};
  for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
    end = std::min(text.find('\0', begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
  }
  return words;
}

// A file with the text, by a name that holds until the next call.
std::string file_with(std::string_view text) {
  static const int file = ::memfd_create("configuration", MFD_CLOEXEC);
  expect(::ftruncate(file, 0) == 0);
  expect(::pwrite(file, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  return "/proc/self/fd/" + std::to_string(file);
}

void check(echo::Options options) {
  expect(echo::changed_but_need_restart(options, options).empty());
  for (const echo::OptionSpec& setting : echo::option_table(options)) {
    const std::string text = setting.format();
    if (text.empty() || setting.is_list()) continue;  // not set
    setting.assign({text});
    expect(setting.format() == text);
  }
}

}  // namespace

// What stands behind the first byte 0xff is the text of a configuration file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end_of_words = std::min(input.find('\xff'), input.size());
  std::vector<std::string> words = words_of(input.substr(0, end_of_words));
  if (end_of_words < input.size()) {
    words.push_back("--config");
    words.push_back(file_with(input.substr(end_of_words + 1)));
  }
  std::vector<const char*> arguments;
  for (const std::string& word : words) arguments.push_back(word.c_str());
  try {
    check(echo::read_options(static_cast<int>(arguments.size()), arguments.data()));
  } catch (const echo::UsageError& error) {
    expect(!std::string_view(error.what()).empty());
  }
  return 0;
}
