#include <fmt/format.h>

#include <csignal>
#include <exception>
#include <optional>
#include <utility>
#include <variant>

#include "common/descriptor.h"
#include "common/exit_code.h"
#include "common/logging.h"
#include "common/printable.h"
#include "server/config/command_line.h"
#include "server/core/ceiling.h"
#include "server/core/server.h"
#include "server/monitoring/http_server.h"
#include "server/monitoring/metrics.h"
#include "server/process/control.h"
#include "server/process/daemon.h"
#include "server/process/pid_file.h"
#include "server/process/privileges.h"
#include "server/process/service_manager.h"
#include "server/process/signals.h"

namespace {

int run(int argc, char** argv) {
  // First of all: from here on no signal kills, and each waits until Control takes it.
  echo::Signals signals({SIGTERM, SIGINT, SIGHUP, SIGUSR1});
  const auto parsed = echo::parse_options(argc, argv);
  if (const auto* code = std::get_if<echo::ExitCode>(&parsed)) return *code;
  const auto& options = std::get<echo::Options>(parsed);
  auto inherited = echo::inherited_sockets();
  echo::Daemon daemon(options.daemon);
  const echo::Privileges privileges(options.user);
  const echo::PidFile pid_file(options.pid_file);
  echo::raise_descriptor_limit();
  // Outlives the server, but is opened by the user who opens it again after SIGHUP.
  std::optional<echo::Logging> logging;
  echo::HttpServer http(options.metrics);  // first: no port file tells of a server that can't start
  echo::Server server(options, std::move(inherited));
  privileges.drop();
  logging.emplace(options.log);
  pid_file.write();
  echo::Metrics metrics(http, server, *logging);
  server.start();
  metrics.start();
  echo::ServiceManager manager(server);
  daemon.started(options.log.file.empty());
  echo::Control control(signals, *logging, server, manager, options,
                        [=] { return echo::read_options(argc, argv); });
  return control.run().forced == 0 ? echo::exit_ok : echo::exit_forced;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    echo::open_standard_streams();
    return run(argc, argv);
  } catch (const std::exception& error) {
    echo::print_error(fmt::format("echod: {}", error.what()));
    return echo::exit_failed;
  }
}
