#include "client/wire/held_up.h"

#include <doctest/doctest.h>

namespace echo {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a pause before a call holds up what it hands over and its work does not") {
  const SteadyTime ready = SteadyTime() + 1h;
  CHECK(held_up(ready, ready) == 0ns);
  CHECK(held_up(ready, ready + kPause) == 0ns);
  CHECK(held_up(ready, ready + kPause + 1ns) == kPause + 1ns);
  CHECK(held_up(ready, ready + 3s) == 3s);
  CHECK(held_up(ready, ready - 1s) == 0ns);
}

}  // namespace
}  // namespace echo
