#include "client/load/start_time.h"

#include <doctest/doctest.h>
#include <sys/eventfd.h>

#include "common/descriptor.h"

namespace echo::load {
namespace {

using namespace std::chrono_literals;
using std::chrono::system_clock;

TEST_CASE("a start is waited for until it has come") {
  const Descriptor stop(::eventfd(0, EFD_CLOEXEC));
  const WallTime start = system_clock::now() + 50ms;
  CHECK(wait_until(start, stop.get()));
  CHECK(system_clock::now() >= start);
  CHECK(wait_until(start, stop.get()));
}

TEST_CASE("waiting for a start ends when it is to stop") {
  const Descriptor stop(::eventfd(1, EFD_CLOEXEC));
  CHECK_FALSE(wait_until(system_clock::now() + 24h, stop.get()));
}

TEST_CASE("there is no time until a start that has passed or was not given") {
  CHECK(time_until(std::nullopt) == 0s);
  CHECK(time_until(system_clock::now() - 1h) == 0s);
  CHECK(time_until(system_clock::now() + 2h) > 1h);
}

}  // namespace
}  // namespace echo::load
