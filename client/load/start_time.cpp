#include "client/load/start_time.h"

#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "common/descriptor.h"
#include "common/poll.h"

namespace echo::load {

using std::chrono::nanoseconds;
using std::chrono::seconds;

nanoseconds time_until(const std::optional<WallTime>& start) {
  if (!start) return nanoseconds::zero();
  return std::max<nanoseconds>(*start - std::chrono::system_clock::now(), nanoseconds::zero());
}

bool wait_until(WallTime start, int stop) {
  const Descriptor timer(::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  const nanoseconds since_1970 = start.time_since_epoch();
  const auto whole = std::chrono::floor<seconds>(since_1970);
  itimerspec when{};
  when.it_value.tv_sec = whole.count();
  when.it_value.tv_nsec = (since_1970 - whole).count();
  if (timer.get() < 0 || ::timerfd_settime(timer.get(), TFD_TIMER_ABSTIME, &when, nullptr) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot wait for the start");
  }
  std::array<pollfd, 2> entries{{{stop, POLLIN, 0}, {timer.get(), POLLIN, 0}}};
  poll_until(entries, kNever);
  return entries[0].revents == 0;
}

}  // namespace echo::load
