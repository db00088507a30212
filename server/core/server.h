#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <asio/io_context.hpp>

#include "common/descriptor.h"
#include "common/timers.h"
#include "server/config/command_line.h"
#include "server/core/admission.h"
#include "server/core/heartbeat.h"
#include "server/core/listener.h"
#include "server/core/sessions.h"
#include "server/core/stats.h"
#include "server/core/workers.h"

namespace echo {

// The echo server: owns every part and starts and stops them in one order.
// Thread rule: the owner's thread alone, but for what says otherwise.
class Server {
 public:
  // Listens on the inherited sockets, and on every address unless these only stand there by
  // default; nothing is served yet. Throws std::exception with a line for the user when one of
  // them can't be had.
  explicit Server(const Options& options, std::vector<Descriptor> inherited = {});

  // The addresses really bound.
  std::vector<std::string> addresses() const;

  // Writes the port file and serves. Throws std::exception with a line for the user.
  void start();

  // For timers of others; they must be gone before the server. Any thread.
  Timers& timers() { return timers_; }

  // Whether the listener thread turns, see Listener. Thread rule: the timers thread.
  bool listener_responds() { return listener_.responds(); }

  struct Report {
    std::uint64_t served = 0;  // clients that were not refused
    std::uint64_t forced = 0;  // connections that the drain timeout cut short
  };

  // Takes what can change while it serves: timeouts and limits hold for new connections.
  void reconfigure(const Options& options);

  // Stops accepting, lets clients finish until the drain timeout, resets who is left, and joins
  // every worker. Whenever the descriptor is readable, `skip` decides whether the wait is over.
  Report stop(
      int wake, const std::function<bool()>& skip = [] { return true; });

  // What the outside world may know; any thread.
  bool serving() const { return serving_.load(std::memory_order_relaxed); }
  StatsSnapshot counters() const { return sessions_.snapshot(); }

  Admission::Counts admitted() const { return admission_.counts(); }
  Workers::Counts threads() const { return workers_.counts(); }
  LatencyHistogram::Snapshot timer_lateness() const { return timers_.lateness(); }

 private:
  void write_port_file() const;

  Options options_;
  std::atomic<bool> serving_{false};  // from start to stop
  // In the order of their lives: each uses only what stands above it.
  Stats stats_;
  Timers timers_;
  Sessions sessions_;
  Admission admission_;
  Workers workers_;
  Heartbeat heartbeat_;
  asio::io_context context_;
  Listener listener_;
};

}  // namespace echo
