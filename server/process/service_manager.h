#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "common/descriptor.h"
#include "common/timer.h"
#include "server/core/server.h"

namespace echo {

// Tells systemd how the server is (sd_notify(3)) and feeds its watchdog while the listener thread
// and the timers thread turn. Does nothing where no service manager listens.
// Thread rule: the owner's thread alone.
class ServiceManager {
 public:
  explicit ServiceManager(Server& server);

  // It serves; also after reloading().
  void ready();
  void reloading();
  void stopping();

 private:
  void begin();
  void tell_status();
  void feed_watchdog();

  Server& server_;
  std::atomic<bool> stopping_{false};
  std::string status_;  // the last one told; the timers thread alone
  std::optional<Timer> status_timer_;
  std::optional<Timer> watchdog_timer_;
};

// The listening sockets that the service manager passes on (sd_listen_fds(3)). To be called once,
// in the process that was executed: the variables name its id. Throws std::exception for one that
// is no listening stream socket.
std::vector<Descriptor> inherited_sockets();

}  // namespace echo
