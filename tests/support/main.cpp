#include <doctest/doctest.h>
#include <spdlog/spdlog.h>

#include <csignal>

#include "tests/support/descriptor_limit.h"

int main(int argc, char** argv) {
  // The parts under test log through the default logger; what a case says is its result alone.
  spdlog::set_level(spdlog::level::off);
  std::signal(SIGPIPE, SIG_IGN);
  echo::testing::raise_own_descriptor_limit();
  return doctest::Context(argc, argv).run();
}
