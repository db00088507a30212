#include "common/signals.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

namespace echo {
namespace {

TEST_CASE("a blocked signal stays pending until it is taken") {
  Signals signals({SIGUSR2});
  CHECK_FALSE(signals.pending());
  CHECK_FALSE(signals.take());
  ::kill(::getpid(), SIGUSR2);
  CHECK(signals.pending());
  CHECK(signals.pending());
  CHECK(signals.take() == SIGUSR2);
  CHECK_FALSE(signals.pending());
}

}  // namespace
}  // namespace echo
