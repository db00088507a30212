#include "common/printable.h"

#include <fmt/format.h>

#include <cstdio>

namespace echo {

std::string printable(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 || code == 0x7f) {
      result += fmt::format("\\x{:02x}", code);
    } else {
      result += c;
    }
  }
  return result;
}

void print_error(std::string_view text) noexcept {
  try {
    std::fputs((printable(text) + "\n").c_str(), stderr);
  } catch (...) {
    std::fputs("out of memory\n", stderr);
  }
}

}  // namespace echo
