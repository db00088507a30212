#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <variant>

#include "client/command_line/options.h"
#include "common/exit_code.h"
#include "common/standard_output.h"

namespace echo {
namespace {

int run(const ShowText& show) {
  write_to_standard_output(show.text);
  return exit_ok;
}

int run_command_line(int argc, char** argv) {
  try {
    const Command command = parse_command_line(argc, argv);
    return std::visit([](const auto& options) { return run(options); }, command);
  } catch (const UsageError& error) {
    fmt::print(stderr, "echoc: {}\n", error.what());
    return exit_usage;
  } catch (const std::exception& error) {
    fmt::print(stderr, "echoc: {}\n", error.what());
    return exit_failed;
  }
}

}  // namespace
}  // namespace echo

int main(int argc, char** argv) {
  // Writing to a peer or a pipe that is gone is an error of that write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  return echo::run_command_line(argc, argv);
}
