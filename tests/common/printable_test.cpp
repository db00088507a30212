#include "common/printable.h"

#include <doctest/doctest.h>

#include <string>

namespace echo {
namespace {

TEST_CASE("control characters are shown and not obeyed") {
  CHECK(printable("plain text") == "plain text");
  CHECK(printable("two\nlines\x1b[2J\x7f") == "two\\x0alines\\x1b[2J\\x7f");
  CHECK(printable(std::string(1, '\0')) == "\\x00");
}

TEST_CASE("the control characters beyond ASCII are shown and other letters stay") {
  CHECK(printable("\xc2\x9b"
                  "2J") == "\\xc2\\x9b2J");
  CHECK(printable("gr\xc3\xbc\xc3\x9f"
                  "e \xc2\xa7") ==
        "gr\xc3\xbc\xc3\x9f"
        "e \xc2\xa7");
  CHECK(printable("\xc2") == "\xc2");
}

}  // namespace
}  // namespace echo
