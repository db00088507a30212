#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <spdlog/spdlog.h>

#include <csignal>

int main(int argc, char** argv) {
  // The parts under test log through the default logger; what a case says is its result alone.
  spdlog::set_level(spdlog::level::off);
  std::signal(SIGPIPE, SIG_IGN);
  return doctest::Context(argc, argv).run();
}
