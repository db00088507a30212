#include "client/commands/ping.h"

#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include "client/commands/ping_metrics.h"
#include "client/commands/pinger.h"
#include "client/wire/socket_setup.h"
#include "client/wire/stop_signals.h"
#include "common/descriptor_limit.h"
#include "common/listening/listen_target.h"
#include "common/logging.h"

namespace echo {
namespace {

int run_with_metrics(Pinger& pinger, const PingOptions& options,
                     std::vector<ListeningSocket> sockets) {
  const Logging logging({.level = Level::warn});  // what goes wrong with the pages
  HttpServer http(std::move(sockets));
  PingMetrics metrics(http, options, pinger.targets(), pinger.pulse());
  metrics.start();
  for (const std::string& address : http.addresses()) {
    pinger.output().write("metrics on " + address + "\n");
  }
  return pinger.run();
}

}  // namespace

int run_ping(const PingOptions& options) {
  for (const Address& address : options.addresses) check_socket_options(options.socket, address);
  // A name may take long, and a signal ends that.
  std::vector<ListenTarget> monitoring;
  if (options.metrics) monitoring = find_targets({*options.metrics});
  std::optional<DirectoryLocks> locks(std::in_place,
                                      std::initializer_list{&std::as_const(monitoring)});
  Signals stop = stop_signals();
  raise_descriptor_limit();
  std::vector<ListeningSocket> sockets = open_sockets(monitoring, HttpServer::kBacklog);
  locks.reset();                 // before there are copies of this process
  Pinger pinger(options, stop);  // before the first thread
  return options.metrics ? run_with_metrics(pinger, options, std::move(sockets)) : pinger.run();
}

}  // namespace echo
