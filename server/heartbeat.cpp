#include "server/heartbeat.h"

#include <algorithm>

#include "common/logging.h"

namespace echo {
namespace {

constexpr std::size_t kMostLines = 10;

void waiting_for(std::uint64_t client) {
  log_event(Level::info, "waiting", "Waiting for client {client}...", {{"client", client}});
}

}  // namespace

Heartbeat::Heartbeat(Timers& timers, std::chrono::nanoseconds beat, const Sessions& sessions)
    : beat_(beat),
      sessions_(sessions),
      timer_(
          timers, std::max(beat, std::chrono::nanoseconds(1)), [this] { report(); },
          Timer::Mode::repeating) {}

void Heartbeat::start() {
  if (beat_ > std::chrono::nanoseconds::zero()) timer_.start();
}

void Heartbeat::stop() {
  timer_.cancel();
}

void Heartbeat::report() const {
  const auto silent = sessions_.silent_since(Session::Clock::now() - beat_, kMostLines);
  if (silent.nobody) return waiting_for(sessions_.snapshot().accepted + 1);
  for (const std::uint64_t client : silent.numbers) waiting_for(client);
  if (silent.more > 0) {
    log_event(Level::info, "waiting_more", "... and {more} more", {{"more", silent.more}});
  }
}

}  // namespace echo
