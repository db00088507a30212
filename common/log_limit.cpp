#include "common/log_limit.h"

#include <utility>

namespace echo {
std::optional<std::uint64_t> LogLimit::allow(Clock::time_point now) {
  const MutexLock lock(mutex_);
  if (last_ && now < *last_ + gap_) {
    ++suppressed_;
    return std::nullopt;
  }
  last_ = now;
  return std::exchange(suppressed_, 0);
}

std::uint64_t LogLimit::take_suppressed() {
  const MutexLock lock(mutex_);
  return std::exchange(suppressed_, 0);
}

void LogLimit::log(Level level, std::string_view event, std::string_view text,
                   std::string_view what) noexcept {
  const auto suppressed = allow();
  if (!suppressed) return;
  try {
    if (log_event(level, event, with_suppressed(std::string(text), *suppressed),
                  {{"what", std::string(what)}, {"suppressed", *suppressed}})) {
      return;
    }
  } catch (...) {
    // No memory for the line.
  }
  const MutexLock lock(mutex_);
  last_.reset();
  suppressed_ += *suppressed + 1;
}

std::string with_suppressed(std::string text, std::uint64_t suppressed) {
  return suppressed == 0 ? std::move(text) : std::move(text) + " ({suppressed} more suppressed)";
}

}  // namespace echo
