#pragma once

#include <functional>

#include "common/logging.h"
#include "server/config/command_line.h"
#include "server/core/server.h"
#include "server/process/service_manager.h"
#include "server/process/signals.h"

namespace echo {

// Steers the running server as signals say: TERM and INT stop it, HUP makes it read the
// configuration and open the log again, USR1 logs all counters.
// Thread rule: the owner's thread alone.
class Control {
 public:
  // Reads the configuration as it is now; throws std::exception with a line for the log.
  using ReadOptions = std::function<Options()>;

  Control(Signals& signals, Logging& logging, Server& server, ServiceManager& manager,
          Options started_with, ReadOptions read_options);

  // Says that it serves and obeys signals until one stops the server, and while it drains.
  Server::Report run();

 private:
  bool take_signal();
  void reload();
  void open_log_again(const LogSettings& settings);
  void log_counters() const;

  Signals& signals_;
  Logging& logging_;
  Server& server_;
  ServiceManager& manager_;
  const Options started_with_;
  const ReadOptions read_options_;
  LogSettings log_;  // as it is now
};

}  // namespace echo
