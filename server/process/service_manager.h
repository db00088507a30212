#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/descriptor.h"
#include "common/mutex.h"
#include "common/timer.h"
#include "server/core/server.h"

namespace echo {

// Tells systemd how the server is (sd_notify(3)) and feeds its watchdog while the listener thread
// and the timers thread turn. Does nothing where no service manager listens. It never waits: what a
// manager with a full queue does not take is told again later if it still matters.
// Thread rule: the owner's thread alone.
class ServiceManager {
 public:
  explicit ServiceManager(Server& server);
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  // Starts to tell the status and to feed the watchdog. Throws std::exception.
  void start();

  // It serves; also after reloading(). None of these can fail, and none undoes stopping().
  void ready() { enter(State::ready); }
  void reloading() { enter(State::reloading); }
  void stopping(std::chrono::nanoseconds drain_timeout);

 private:
  enum class State { starting, ready, reloading, stopping };

  void enter(State state);
  void tell_state() REQUIRES(mutex_);
  void beat();
  void feed_watchdog();
  bool is_stopping();
  bool send(std::string_view message) const;

  Server& server_;
  Descriptor socket_;  // none if no service manager listens
  sockaddr_un address_{};
  socklen_t address_size_ = 0;

  Mutex mutex_;
  State state_ GUARDED_BY(mutex_) = State::starting;
  std::chrono::nanoseconds drain_timeout_ GUARDED_BY(mutex_){0};  // while stopping
  bool told_ GUARDED_BY(mutex_) = true;

  std::string status_;  // the last one told; the timers thread alone
  std::optional<Timer> status_timer_;
  std::optional<Timer> watchdog_timer_;
};

// The listening sockets that the service manager passes on (sd_listen_fds(3)). To be called once,
// in the process that was executed: the variables name its id. Throws std::exception for one that
// is no listening stream socket.
std::vector<Descriptor> inherited_sockets();

}  // namespace echo
