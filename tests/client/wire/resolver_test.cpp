#include "client/wire/resolver.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>

#include "tests/support/process.h"

namespace echo {
namespace {

TEST_CASE("a resolver whose process was killed is not readable for ever and says so when asked") {
  Resolver resolver(Address::parse("localhost:7"));
  const testing::Finished process =
      testing::run_program({"pgrep", "-P", std::to_string(::getpid())});
  REQUIRE(process.status == 0);
  ::kill(std::stoi(process.output), SIGKILL);
  pollfd end{resolver.descriptor(), POLLIN, 0};
  ::poll(&end, 1, -1);
  CHECK_FALSE(resolver.take());  // nothing was asked
  CHECK(resolver.descriptor() == -1);
  CHECK_FALSE(resolver.ask(std::chrono::steady_clock::now()));
  CHECK_THROWS_WITH(resolver.resolve(-1), "the resolver has ended");
}

}  // namespace
}  // namespace echo
