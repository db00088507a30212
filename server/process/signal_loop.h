#pragma once

#include <functional>

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>

#include "common/handler_memory.h"
#include "common/logging.h"
#include "common/signals.h"
#include "server/core/options.h"
#include "server/core/reload_state.h"
#include "server/core/server.h"
#include "server/process/service_manager.h"

namespace echo {

// Steers the running server as signals say, in an io_context that main's thread runs: TERM and INT
// stop it, HUP makes it read the configuration and open the log again, USR1 logs all counters. It
// also stops when a thread fails that the server cannot do without.
// Thread rule: the owner's thread alone. The way of a stop needs no memory; what another signal
// asks for and cannot be had for want of it is logged and left out.
class SignalLoop {
 public:
  // Reads the configuration as it is now; throws std::exception with a line for the log.
  using ReadOptions = std::function<Options()>;

  SignalLoop(Signals& signals, Logging& logging, Server& server, ServiceManager& manager,
             Options started_with, ReadOptions read_options, ReloadState& reload_state);

  // Obeys signals until one of them, or a failure, stops the server; then drains it until no client
  // is left, the drain timeout is over, or a second signal comes. Cannot fail.
  Server::Report run();

 private:
  // A descriptor of somebody else's, and the wait until it is readable.
  struct Event {
    Event(asio::io_context& context, int descriptor) : source(context, descriptor) {}
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    ~Event() { source.release(); }

    asio::posix::stream_descriptor source;
    HandlerMemory memory;
  };

  void wait_for_signal();
  void stop_at(Event& event);
  bool obey(int signal) noexcept;
  void reload();
  void reopen_log(LogSettings settings);
  void log_counters() const;

  Signals& signals_;
  Logging& logging_;
  Server& server_;
  ServiceManager& manager_;
  const Options started_with_;
  const ReadOptions read_options_;
  ReloadState& reload_state_;
  LogSettings log_;  // as it is now
  asio::io_context context_{1};
  Event signal_{context_, signals_.descriptor()};
  Event failed_{context_, server_.failure().descriptor()};
  Event all_finished_{context_, server_.all_finished()};
};

}  // namespace echo
