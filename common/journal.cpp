#include "common/journal.h"

#include <sys/stat.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <system_error>

namespace echo {
namespace {

// Takes a number off the front of the text.
bool take_number(std::string_view& text, std::uintmax_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc();
}

}  // namespace

bool is_journal(int descriptor) noexcept {
  const char* const variable = std::getenv("JOURNAL_STREAM");
  if (variable == nullptr) return false;
  std::string_view text = variable;
  std::uintmax_t device = 0;
  std::uintmax_t inode = 0;
  if (!take_number(text, device) || !text.starts_with(':')) return false;
  text.remove_prefix(1);
  if (!take_number(text, inode) || !text.empty()) return false;
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && status.st_dev == device && status.st_ino == inode;
}

}  // namespace echo
