#include <fmt/format.h>

#include <csignal>
#include <exception>
#include <variant>

#include "common/exit_code.h"
#include "common/logging.h"
#include "server/ceiling.h"
#include "server/options.h"
#include "server/server.h"
#include "server/signals.h"

namespace {

int serve(const echo::Options& options) {
  std::signal(SIGPIPE, SIG_IGN);  // the reader of the log may go away
  echo::Signals signals({SIGTERM, SIGINT});
  echo::raise_descriptor_limit();
  const echo::Logging logging(options.log);
  echo::Server server(options);
  server.start();
  signals.take();
  const auto report = server.stop(signals.descriptor());
  return report.forced == 0 ? echo::exit_ok : echo::exit_forced;
}

}  // namespace

int main(int argc, char** argv) {
  const auto parsed = echo::parse_options(argc, argv);
  if (const auto* code = std::get_if<echo::ExitCode>(&parsed)) return *code;
  try {
    return serve(std::get<echo::Options>(parsed));
  } catch (const std::exception& error) {
    fmt::print(stderr, "echod: {}\n", error.what());
    return echo::exit_failed;
  }
}
