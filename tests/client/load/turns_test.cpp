#include "client/load/turns.h"

#include <doctest/doctest.h>

namespace echo::load {
namespace {

using Turns = std::vector<std::size_t>;

TEST_CASE("targets take turns and every other round is reversed") {
  CHECK(turns_of(0, 3) == Turns{0, 1, 2});
  CHECK(turns_of(1, 3) == Turns{2, 1, 0});
  CHECK(turns_of(2, 3) == Turns{0, 1, 2});
  CHECK(turns_of(5, 2) == Turns{1, 0});
  CHECK(turns_of(1, 1) == Turns{0});
}

}  // namespace
}  // namespace echo::load
