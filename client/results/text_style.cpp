#include "client/results/text_style.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace echo {
namespace {

bool is_set(const char* value) {
  return value != nullptr && *value != '\0';
}

// "UTF-8", "utf8" and the like are one.
std::string codeset_of(std::string_view locale) {
  const std::size_t point = locale.find('.');
  if (point == locale.npos) return {};
  std::string codeset;
  for (const char letter : locale.substr(point + 1, locale.find('@') - point - 1)) {
    if (letter == '-') continue;
    codeset += letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  }
  return codeset;
}

}  // namespace

bool is_utf8(const char* lc_all, const char* lc_ctype, const char* lang) {
  for (const char* locale : {lc_all, lc_ctype, lang}) {
    if (is_set(locale)) return codeset_of(locale) == "utf8";
  }
  return false;
}

bool has_colour(bool is_terminal, const char* term, const char* no_color) {
  return is_terminal && !is_set(no_color) && is_set(term) && std::string_view(term) != "dumb";
}

TextStyle output_style() {
  return {.utf8 = is_utf8(std::getenv("LC_ALL"), std::getenv("LC_CTYPE"), std::getenv("LANG")),
          .colour = has_colour(::isatty(STDOUT_FILENO) != 0, std::getenv("TERM"),
                               std::getenv("NO_COLOR"))};
}

std::string painted(const std::string& lines, Colour colour, TextStyle style) {
  if (!style.colour || lines.empty()) return lines;
  return fmt::format("\x1b[{}m{}\x1b[0m\n", static_cast<int>(colour),
                     std::string_view(lines).substr(0, lines.size() - 1));
}

}  // namespace echo
