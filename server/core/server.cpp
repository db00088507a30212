#include "server/core/server.h"

#include <chrono>
#include <utility>

#include "common/logging.h"
#include "server/core/shared_workers.h"
#include "server/core/workers.h"

namespace echo {
namespace {

// How long the listener thread may owe an answer.
constexpr std::chrono::seconds kListenerPatience{1};

SessionLimits session_limits(const Options& options) {
  return {.idle_timeout = options.idle_timeout,
          .write_timeout = options.write_timeout,
          .max_lifetime = options.max_lifetime,
          .keepalive = options.keepalive,
          .spin = options.spin};
}

}  // namespace

Server::Server(const Options& options, std::vector<ListeningSocket> sockets)
    : options_(options),
      timers_([this] { on_failure("timers"); }),
      sessions_(stats_),
      admission_(options.admission),
      workers_(make_workers()),
      heartbeat_(timers_, options.heartbeat, sessions_),
      listener_(std::move(sockets), admission_, *workers_, stats_,
                [this] { on_failure("listener"); }) {}

std::unique_ptr<SessionDriver> Server::make_workers() {
  const SessionLimits limits = session_limits(options_);
  if (options_.workers == 0) {
    return std::make_unique<Workers>(sessions_, timers_, limits, options_.stack_size);
  }
  return std::make_unique<SharedWorkers>(sessions_, timers_, limits, options_.workers,
                                         options_.stack_size, [this] { on_failure("worker"); });
}

Server::~Server() {
  stop_accepting();
  sessions_.reset();
}

void Server::start() {
  admission_.set_ceiling(ConnectionCeiling::of_this_process("/", options_.workers > 0));
  heartbeat_.start();
  workers_->start();
  listener_.start();
}

void Server::serve() {
  // Before the line: whoever has read it may ask whether the server is ready.
  serving_.store(true);
  if (failure_.happened()) serving_.store(false);
  for (const std::string& address : addresses()) {
    log_event(Level::info, "listening", "listening on {address}", {{"address", address}});
  }
  listener_.open();
}

void Server::reconfigure(const Options& options) {
  admission_.configure(options.admission);
  workers_->set_limits(session_limits(options));
  heartbeat_.set_beat(options.heartbeat);
  options_.drain_timeout = options.drain_timeout;
}

void Server::drain() {
  stop_accepting();
  const std::uint64_t live = sessions_.snapshot().live;
  log_event(
      Level::info, "draining",
      live == 1 ? "draining: {connections} connection" : "draining: {connections} connections",
      {{"connections", live}});
  sessions_.drain();
  workers_->watch_idle();
}

Server::Report Server::finish() {
  sessions_.reset();
  workers_->stop();
  listener_.tell_suppressed();
  workers_->tell_suppressed();

  const StatsSnapshot counted = stats_.snapshot();
  const Report report{.served = counted.accepted - counted.refused(), .forced = sessions_.forced()};
  log_event(Level::info, "stopped", "stopped: {served} served, {forced} forced",
            {{"served", report.served}, {"forced", report.forced}});
  return report;
}

bool Server::ready() const {
  return serving() && !listener_.liveness().is_silent_for(kListenerPatience);
}

Liveness::Clock::time_point Server::ask_listener() {
  return listener_.liveness().ask() + kListenerPatience;
}

void Server::stop_accepting() {
  // First of all, so that readiness probes stop routing clients here.
  serving_.store(false, std::memory_order_relaxed);
  listener_.stop();
  heartbeat_.stop();
}

void Server::on_failure(const char* thread) noexcept {
  failure_.set(thread);
  serving_.store(false);
}

}  // namespace echo
