#include "common/timer.h"

#include <stdexcept>
#include <utility>

namespace echo {

Timer::Timer(TimerThread& timers, Clock::duration delay, std::function<void()> callback, Mode mode)
    : timers_(timers), entry_{delay, std::move(callback), mode == Mode::repeating} {
  if (mode == Mode::repeating && delay <= Clock::duration::zero()) {
    throw std::invalid_argument("a repeating timer needs a positive delay");
  }
  timers_.add(entry_);
}

}  // namespace echo
