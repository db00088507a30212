#pragma once

#include <string>

namespace echo {

// What the reader of a report can show.
struct TextStyle {
  bool utf8 = false;
  bool colour = false;
};

// Of standard output: UTF-8 as LC_ALL, LC_CTYPE and LANG say, colour on a terminal unless NO_COLOR
// is set (no-color.org) or the terminal is "dumb". Leaves the process's locale as it is, so that
// numbers keep their decimal point. REQUIRES: no other thread changes the environment.
TextStyle output_style();

// The first name that is not empty decides, as in locale(7), even if that locale is not installed
// here: it is the terminal that has to show the text. Null is not set.
bool is_utf8(const char* lc_all, const char* lc_ctype, const char* lang);

// `term`: TERM; `no_color`: NO_COLOR. Null is not set.
bool has_colour(bool is_terminal, const char* term, const char* no_color);

enum class Colour { red = 31, green = 32, yellow = 33 };

// Lines that end with a newline, in that colour if the style has any.
std::string painted(const std::string& lines, Colour colour, TextStyle style);

}  // namespace echo
