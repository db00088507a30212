#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/logging.h"
#include "common/mutex.h"

namespace echo {

// Keeps a fault that repeats from filling the log: one line per second, or per `gap`, and the
// others are counted. Thread rule: any thread.
class LogLimit {
 public:
  using Clock = std::chrono::steady_clock;

  explicit LogLimit(std::chrono::seconds gap = std::chrono::seconds(1)) : gap_(gap) {}

  // When the line may be logged: how many were held back since the last one. Else nothing.
  std::optional<std::uint64_t> allow(Clock::time_point now = Clock::now());

  // How many were held back since the last line, when none will come that could say it.
  std::uint64_t take_suppressed();

  // Logs a text with the field {what} unless it is to be held back. A line for which there is no
  // memory does not count as the one of this second: one of the next is logged in its place.
  void log(Level level, std::string_view event, std::string_view text,
           std::string_view what) noexcept;

 private:
  const std::chrono::seconds gap_;
  Mutex mutex_;
  std::optional<Clock::time_point> last_ GUARDED_BY(mutex_);
  std::uint64_t suppressed_ GUARDED_BY(mutex_) = 0;
};

// The text of a line that comes after `suppressed` others that were held back; these are its field
// "suppressed".
std::string with_suppressed(std::string text, std::uint64_t suppressed);

}  // namespace echo
