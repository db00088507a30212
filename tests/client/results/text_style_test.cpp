#include "client/results/text_style.h"

#include <doctest/doctest.h>

namespace echo {
namespace {

TEST_CASE("a locale is UTF-8 if its first name that is not empty says so") {
  CHECK(is_utf8("C.UTF-8", nullptr, nullptr));
  CHECK(is_utf8("", "de_DE.utf8", "C"));
  CHECK(is_utf8(nullptr, nullptr, "en_US.UTF-8@euro"));
  CHECK_FALSE(is_utf8("C", "C.UTF-8", "C.UTF-8"));
  CHECK_FALSE(is_utf8(nullptr, "de_DE.ISO-8859-15@euro", "C.UTF-8"));
  CHECK_FALSE(is_utf8(nullptr, nullptr, "utf8"));
  CHECK_FALSE(is_utf8(nullptr, "", nullptr));
}

TEST_CASE("there is colour on a terminal that has it unless NO_COLOR is set") {
  CHECK(has_colour(true, "xterm", nullptr));
  CHECK(has_colour(true, "xterm", ""));
  CHECK_FALSE(has_colour(true, "xterm", "0"));
  CHECK_FALSE(has_colour(false, "xterm", nullptr));
  CHECK_FALSE(has_colour(true, "dumb", nullptr));
  CHECK_FALSE(has_colour(true, nullptr, nullptr));
}

TEST_CASE("lines are painted whole and only with colour") {
  CHECK(painted("a\nb\n", Colour::red, {.colour = true}) == "\x1b[31ma\nb\x1b[0m\n");
  CHECK(painted("a\n", Colour::red, {.utf8 = true}) == "a\n");
  CHECK(painted("", Colour::red, {.colour = true}).empty());
}

}  // namespace
}  // namespace echo
