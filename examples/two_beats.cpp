// Two repeating timers wait for a client each until Ctrl-C: two_beats [FIRST [SECOND]], 5s and 3s
// unless given. One thread runs both timers.
#include <csignal>
#include <stdexcept>

#include "common/console.h"
#include "common/poll.h"
#include "common/signals.h"
#include "common/timer.h"
#include "common/units.h"

int main(int count, char** arguments) try {
  const auto first = echo::parse_duration(count > 1 ? arguments[1] : "5s");
  const auto second = echo::parse_duration(count > 2 ? arguments[2] : "3s");

  const echo::Signals signals({SIGINT, SIGTERM});  // before the first thread, which inherits them
  echo::TimerThread timers;
  echo::Timer one(
      timers, first, [] { echo::print("Waiting for client 1...\n"); },
      echo::Timer::Mode::repeating);
  echo::Timer two(
      timers, second, [] { echo::print("Waiting for client 2...\n"); },
      echo::Timer::Mode::repeating);
  one.start();
  two.start();

  pollfd end{signals.descriptor(), POLLIN, 0};
  echo::poll_until({&end, 1}, echo::kNever);
} catch (const std::exception& error) {
  echo::print_error(error.what());
  return 2;
}
