#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/listening/listening_socket.h"
#include "common/timer_thread.h"
#include "server/core/admission.h"
#include "server/core/heartbeat.h"
#include "server/core/listener.h"
#include "server/core/options.h"
#include "server/core/session_driver.h"
#include "server/core/session_registry.h"
#include "server/core/stats.h"
#include "server/core/thread_failure.h"

namespace echo {

// The echo server: owns every part and starts and stops them in one order: start, serve, drain,
// finish. Thread rule: the owner's thread alone, except where it says otherwise.
class Server {
 public:
  // Serves nothing yet. Throws std::exception with a line for the user.
  Server(const Options& options, std::vector<ListeningSocket> sockets);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Resets every client that is left, so that a failed start or run does not wait for any.
  ~Server();

  // The addresses really bound.
  std::vector<std::string> addresses() const { return listener_.addresses(); }

  // Makes the threads; clients stay in the backlog. Once everything is open that is not a
  // connection, and as the user whose limits hold. Throws std::exception with a line for the user.
  void start();

  // Logs where it listens and accepts from now on. Throws only for want of memory, before that.
  void serve();

  // Takes what can change while it serves: timeouts and limits hold for new connections.
  void reconfigure(const Options& options);

  // Stops accepting and tells clients to finish. Needs no memory.
  void drain();

  // How long to wait then; for the thread that reconfigures.
  std::chrono::nanoseconds drain_timeout() const { return options_.drain_timeout; }
  // Readable as soon as no client is left.
  int all_finished() const { return workers_->idle_descriptor(); }

  struct Report {
    std::uint64_t served = 0;  // clients that were not refused
    std::uint64_t forced = 0;  // connections that were cut short while it drained
  };

  // Resets every client that is left and joins every worker. After drain().
  Report finish();

  // Of the listener, the timers or a shared worker: then it no longer serves and should be drained.
  // Any thread.
  const ThreadFailure& failure() const { return failure_; }

  // For timers of others; they must be gone before the server. Any thread.
  TimerThread& timers() { return timers_; }

  // Whether the listener thread has completed a turn since this was called before. One thread.
  bool listener_responds() { return listener_.liveness().answered_previous(); }

  // Whether clients are accepted and the listener thread has left no question open for a second.
  // Any thread.
  bool ready() const;

  // Asks the listener thread; by the time returned ready() tells what came of it, and as soon as
  // listener_answered() is signalled. Any thread.
  Liveness::Clock::time_point ask_listener();
  WakeEvent& listener_answered() { return listener_.liveness().answered(); }

  // What the outside world may know; any thread.
  bool serving() const { return serving_.load(std::memory_order_relaxed); }
  StatsSnapshot counters() const { return sessions_.snapshot(); }

  Admission::Counts admitted() const { return admission_.counts(); }
  SessionDriver::Counts threads() const { return workers_->counts(); }
  LatencyHistogram::Snapshot timer_lateness() const { return timers_.lateness(); }

 private:
  std::unique_ptr<SessionDriver> make_workers();
  void stop_accepting();
  void on_failure(const char* thread) noexcept;

  Options options_;
  std::atomic<bool> serving_{false};  // from serve to drain, or to the failure of a thread
  ThreadFailure failure_;
  // In the order of their lives: each uses only what stands above it.
  Stats stats_;
  TimerThread timers_;
  SessionRegistry sessions_;
  Admission admission_;
  std::unique_ptr<SessionDriver> workers_;
  Heartbeat heartbeat_;
  mutable Listener listener_;  // asking whether it responds changes nothing
};

}  // namespace echo
