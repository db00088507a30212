#include "common/options/nearest.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace echo {
namespace {

const std::vector<std::string> kKnown{"--listen", "--log-level", "--log-file", "--rate", "-r"};

TEST_CASE("a slip of the fingers is recognised") {
  CHECK(nearest("--lisen", kKnown) == "--listen");    // one left out
  CHECK(nearest("--listten", kKnown) == "--listen");  // one too many
  CHECK(nearest("--lidten", kKnown) == "--listen");   // the wrong one
  CHECK(nearest("--lisetn", kKnown) == "--listen");   // two swapped
  CHECK(nearest("--rat", kKnown) == "--rate");
  CHECK(nearest("loglevel", kKnown) == "--log-level");
}

TEST_CASE("the beginning of a word is recognised") {
  CHECK(nearest("--li", kKnown) == "--listen");
  CHECK(nearest("--log", kKnown) == "--log-level");
}

TEST_CASE("a word that is like none of the known is not guessed at") {
  for (const std::string word : {"--foo", "--xyz", "-x", "", "-", "--", "--completely-different"}) {
    CAPTURE(word);
    CHECK_FALSE(nearest(word, kKnown));
  }
  CHECK_FALSE(nearest("--" + std::string(100'000, 'l'), kKnown));
  CHECK_FALSE(nearest("--rate", {}));
}

}  // namespace
}  // namespace echo
