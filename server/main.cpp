#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <exception>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "common/console.h"
#include "common/descriptor.h"
#include "common/descriptor_limit.h"
#include "common/exit_code.h"
#include "common/listening/listen_target.h"
#include "common/listening/listening_socket.h"
#include "common/logging.h"
#include "common/monitoring/http_server.h"
#include "common/signals.h"
#include "server/config/command_line.h"
#include "server/core/reload_state.h"
#include "server/core/server.h"
#include "server/monitoring/metrics.h"
#include "server/process/daemon.h"
#include "server/process/pid_file.h"
#include "server/process/port_file.h"
#include "server/process/privileges.h"
#include "server/process/service_manager.h"
#include "server/process/signal_loop.h"

namespace {

using ListenTargets = std::vector<echo::ListenTarget>;

// What may have to wait for others. TERM and INT still end it; nothing is there to be undone.
struct Preparation {
  explicit Preparation(const echo::Options& options)
      : inherited(echo::inherited_sockets()),
        daemon(options.daemon, inherited),
        user(options.user) {
    // Inherited sockets alone stand in for the default address.
    if (inherited.empty() || options.listen_given) clients = echo::find_targets(options.listen);
    if (options.metrics) monitoring = echo::find_targets({*options.metrics});
    locks.emplace(std::initializer_list<const ListenTargets*>{&clients, &monitoring});
  }

  std::vector<echo::Descriptor> inherited;
  echo::Daemon daemon;
  const echo::Privileges user;
  ListenTargets clients;
  ListenTargets monitoring;
  std::optional<echo::DirectoryLocks> locks;  // until all sockets are bound
};

std::vector<echo::ListeningSocket> open_client_sockets(Preparation& prepared,
                                                       const echo::Options& options) {
  std::vector<echo::ListeningSocket> sockets;
  for (echo::Descriptor& socket : prepared.inherited) {
    sockets.push_back(echo::ListeningSocket::inherited(std::move(socket)));
  }
  auto opened = echo::open_sockets(prepared.clients, options.backlog, options.unix_mode);
  std::move(opened.begin(), opened.end(), std::back_inserter(sockets));
  prepared.locks.reset();
  return sockets;
}

int report(const std::exception& error) {
  std::string line = fmt::format("echod: {}", error.what());
  const auto* of_system = dynamic_cast<const std::system_error*>(&error);
  if (of_system != nullptr && of_system->code().value() == EMFILE) {
    // By value: the errors of Asio do not compare equal to those of std, and name parts of Asio.
    line = fmt::format(
        "echod: too few open files: at most {} (RLIMIT_NOFILE); raise the limit (ulimit -n 1024)",
        echo::descriptor_limit());
  }
  echo::print_error(line);
  return echo::exit_failed;
}

// The order of every start and stop; docs/architecture.md gives the reasons.
int run(int argc, char** argv) {
  echo::Signals::hold({SIGHUP, SIGUSR1});
  const auto parsed = echo::parse_options(argc, argv);
  if (const auto* code = std::get_if<echo::ExitCode>(&parsed)) return *code;
  const auto& options = std::get<echo::Options>(parsed);
  Preparation prepared(options);

  // From here on nothing waits, no signal kills, and each is held until SignalLoop takes it.
  echo::Signals signals({SIGTERM, SIGINT, SIGHUP, SIGUSR1});
  const echo::PidFile pid_file(options.pid_file);
  echo::raise_descriptor_limit();
  // Outlives the server, but is opened by the user who opens it again after SIGHUP.
  std::optional<echo::Logging> logging;
  echo::HttpServer http(
      echo::open_sockets(prepared.monitoring, echo::HttpServer::kBacklog, options.unix_mode));
  echo::Server server(options, open_client_sockets(prepared, options));
  try {
    prepared.user.drop();
    logging.emplace(options.log);
    pid_file.write();
    echo::ReloadState reload_state;
    echo::Metrics metrics(http, server, *logging, reload_state);
    echo::ServiceManager manager(server);
    echo::SignalLoop control(
        signals, *logging, server, manager, options, [=] { return echo::read_options(argc, argv); },
        reload_state);
    echo::PortFile port_file(options.port_file);
    metrics.start();
    server.start();
    manager.start();
    port_file.write(server.addresses());
    prepared.daemon.started(options.log.file.empty());
    // The start is certain.
    server.serve();
    manager.ready();
    const auto stopped = control.run();
    server.failure().rethrow();
    return stopped.forced == 0 ? echo::exit_ok : echo::exit_forced;
  } catch (const std::exception& error) {
    return report(error);  // before the server's end resets clients and waits for their workers
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    echo::open_standard_streams();
    return run(argc, argv);
  } catch (const std::exception& error) {
    return report(error);
  }
}
