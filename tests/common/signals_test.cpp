#include "common/signals.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

namespace echo {
namespace {

bool is_pending(const Signals& signals) {
  pollfd entry{signals.descriptor(), POLLIN, 0};
  return ::poll(&entry, 1, 0) > 0;
}

TEST_CASE("a blocked signal stays pending until it is taken") {
  Signals signals({SIGUSR2});
  CHECK_FALSE(is_pending(signals));
  CHECK_FALSE(signals.take());
  ::kill(::getpid(), SIGUSR2);
  CHECK(is_pending(signals));
  CHECK(is_pending(signals));
  CHECK(signals.take() == SIGUSR2);
  CHECK_FALSE(is_pending(signals));
}

}  // namespace
}  // namespace echo
