#include "client/command_line/utf8.h"

#include <cstddef>

namespace echo {
namespace {

// How many bytes follow a first byte; npos if it is none.
std::size_t followers(unsigned char first) {
  if (first < 0x80) return 0;
  if (first >= 0xc2 && first < 0xe0) return 1;
  if (first >= 0xe0 && first < 0xf0) return 2;
  if (first >= 0xf0 && first < 0xf5) return 3;
  return std::string_view::npos;
}

// Of the second byte: what would be overlong, a surrogate or beyond U+10FFFF.
bool is_second(unsigned char first, unsigned char second) {
  if (first == 0xe0) return second >= 0xa0;
  if (first == 0xed) return second < 0xa0;
  if (first == 0xf0) return second >= 0x90;
  if (first == 0xf4) return second < 0x90;
  return true;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::size_t more = followers(byte(0));
    if (more >= text.size()) return false;
    for (std::size_t i = 1; i <= more; ++i) {
      if ((byte(i) & 0xc0) != 0x80) return false;
    }
    if (more > 0 && !is_second(byte(0), byte(1))) return false;
    text.remove_prefix(more + 1);
  }
  return true;
}

}  // namespace echo
