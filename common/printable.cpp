#include "common/printable.h"

#include <fmt/format.h>

#include <cstdio>

namespace echo {

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

void print_error(std::string_view text) noexcept {
  try {
    std::fputs((printable(text) + "\n").c_str(), stderr);
  } catch (...) {
    std::fputs("out of memory\n", stderr);
  }
}

}  // namespace echo
