#include "common/console.h"

#include <fmt/format.h>
#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "common/error_text.h"
#include "common/journal.h"

namespace echo {
namespace {

constexpr std::chrono::seconds kErrorPatience{1};

}  // namespace

// poll(2) promises room for PIPE_BUF bytes only, so a larger write to a pipe could block, and then
// nothing could end it.
int write_until(int file, std::string_view& text, SteadyTime deadline, int interrupt) {
  while (!text.empty()) {
    std::array<pollfd, 2> entries{{{file, POLLOUT, 0}, {interrupt, POLLIN, 0}}};
    if (!poll_until(entries, deadline)) return ETIMEDOUT;
    if (entries[0].revents == 0) return EINTR;
    const ssize_t count = ::write(file, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (count < 0 && errno != EINTR && errno != EAGAIN) return errno;
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

std::string printable(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto code = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : '\0');
    // U+0080 to U+009F: terminals take U+009B for ESC and "[".
    const bool is_c1 = code == 0xc2 && next >= 0x80 && next < 0xa0;
    if (code < 0x20 || code == 0x7f || is_c1) {
      result += fmt::format("\\x{:02x}", code);
    } else {
      result += text[i];
    }
    if (is_c1) result += fmt::format("\\x{:02x}", text[++i] & 0xff);
  }
  return result;
}

namespace {

void print_line(std::string_view priority, std::string_view text) noexcept {
  try {
    std::string line(is_journal(STDERR_FILENO) ? priority : "");
    line += printable(text) + '\n';
    std::string_view rest = line;
    write_until(STDERR_FILENO, rest, std::chrono::steady_clock::now() + kErrorPatience, -1);
  } catch (...) {
    // There is no memory for the line; this one needs none.
    constexpr std::string_view kOutOfMemory = "out of memory\n";
    [[maybe_unused]] const auto ignored =
        ::write(STDERR_FILENO, kOutOfMemory.data(), kOutOfMemory.size());
  }
}

}  // namespace

void print_error(std::string_view text) noexcept {
  print_line(kJournalError, text);
}

void print_warning(std::string_view text) noexcept {
  print_line(kJournalWarning, text);
}

bool print(std::string_view text, int interrupt) noexcept {
  try {
    const int error = write_until(STDOUT_FILENO, text, kNever, interrupt);
    if (error != 0) {
      print_error(fmt::format("{}: cannot write to standard output: {}",
                              program_invocation_short_name, error_text(error)));
    }
    return error == 0;
  } catch (...) {
    print_error("cannot write to standard output");
    return false;
  }
}

}  // namespace echo
