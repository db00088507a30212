// A timer says hello once: hello_timer [DELAY], 10s unless given
#include <future>
#include <stdexcept>

#include "common/console.h"
#include "common/timer.h"
#include "common/units.h"

int main(int count, char** arguments) try {
  const auto delay = echo::parse_duration(count > 1 ? arguments[1] : "10s");

  std::promise<void> said;
  echo::TimerThread timers;
  echo::Timer timer(timers, delay, [&said] {
    echo::print("hello, world\n");
    said.set_value();
  });
  timer.start();
  echo::print("main goes on while the timer runs\n");

  said.get_future().wait();  // the end of main would cancel the timer
} catch (const std::exception& error) {
  echo::print_error(error.what());
  return 2;
}
