#include "client/commands/ping_output.h"

#include "common/console.h"

namespace echo {

// As ping(8) has it: "[1700000000.123456] ".
std::string PingOutput::time_stamp() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  return fmt::format("[{}.{:06}] ", us / 1'000'000, us % 1'000'000);
}

void PingOutput::flush() {
  if (!text_.empty() && !is_lost_) is_lost_ = !print(text_, settings_.interrupt);
  text_.clear();
}

std::string ping_milliseconds(std::chrono::nanoseconds duration) {
  return fmt::format("{:.3f}", static_cast<double>(duration.count()) / 1e6);
}

}  // namespace echo
