#include "server/core/heartbeat.h"

#include "common/logging.h"

namespace echo {
namespace {

constexpr std::size_t kMostLines = 10;

void waiting_for(std::uint64_t client) {
  log_event(Level::info, "waiting", "Waiting for client {client}...", {{"client", client}});
}

}  // namespace

Heartbeat::Heartbeat(TimerThread& timers, std::chrono::nanoseconds beat,
                     const SessionRegistry& sessions)
    : timers_(timers), sessions_(sessions), beat_(beat) {}

void Heartbeat::start() {
  running_ = true;
  if (beat_ == std::chrono::nanoseconds::zero()) return;
  timer_.emplace(
      timers_, beat_, [this] { report(); }, Timer::Mode::repeating);
  timer_->start();
}

void Heartbeat::stop() {
  timer_.reset();
  running_ = false;
}

void Heartbeat::set_beat(std::chrono::nanoseconds beat) {
  if (beat == beat_) return;
  timer_.reset();
  beat_ = beat;
  if (!running_) return;
  try {
    start();
  } catch (...) {
    beat_ = {};  // it is off, and the next reload tries again
    throw;
  }
}

void Heartbeat::report() const {
  const auto silent = sessions_.silent_since(Session::Clock::now() - beat_, kMostLines);
  if (silent.none_connected) return waiting_for(sessions_.snapshot().accepted + 1);
  for (const std::uint64_t client : silent.listed) waiting_for(client);
  if (silent.omitted > 0) {
    log_event(Level::info, "waiting_more", "... and {more} more", {{"more", silent.omitted}});
  }
}

}  // namespace echo
