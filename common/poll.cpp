#include "common/poll.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>

namespace echo {
using std::chrono::nanoseconds;
using std::chrono::seconds;

timespec time_left(SteadyTime deadline, SteadyTime now) {
  const nanoseconds left = std::max<nanoseconds>(deadline - now, nanoseconds::zero());
  const auto whole = std::chrono::duration_cast<seconds>(left);
  timespec result{};
  result.tv_sec = whole.count();
  result.tv_nsec = (left - whole).count();
  return result;
}

bool poll_until(std::span<pollfd> entries, SteadyTime deadline) {
  while (true) {
    timespec left{};
    if (deadline != kNever) left = time_left(deadline);
    const int ready =
        ::ppoll(entries.data(), entries.size(), deadline == kNever ? nullptr : &left, nullptr);
    if (ready >= 0) return ready > 0;
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
  }
}

}  // namespace echo
