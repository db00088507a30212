#include "client/commands/ping_output.h"

#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "common/console.h"
#include "common/error_text.h"

namespace echo {

// As ping(8) has it: "[1700000000.123456] ".
std::string PingOutput::time_stamp() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  return fmt::format("[{}.{:06}] ", us / 1'000'000, us % 1'000'000);
}

bool PingOutput::flush() {
  if (is_lost_) text_.clear();
  std::string_view rest = text_;
  const int error = write_until(STDOUT_FILENO, rest, kNever, settings_.interrupt);
  text_.erase(0, text_.size() - rest.size());
  if (error != 0 && error != EINTR) lose(error);
  return error != EINTR;
}

void PingOutput::give_up() {
  lose(EINTR);
}

void PingOutput::lose(int error) {
  is_lost_ = true;
  text_.clear();
  print_error("echoc: cannot write to standard output: " + error_text(error));
}

std::string ping_milliseconds(std::chrono::nanoseconds duration) {
  return fmt::format("{:.3f}", static_cast<double>(duration.count()) / 1e6);
}

}  // namespace echo
