#include "client/idle/countdown.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cstdint>

#include "client/results/text.h"

namespace echo::idle {
namespace {

constexpr std::chrono::seconds kInterval{1};

bool write_unless_it_blocks(const std::string& text) {
  pollfd entry{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&entry, 1, 0) <= 0 || (entry.revents & POLLOUT) == 0) return false;
  return ::write(STDERR_FILENO, text.data(), text.size()) > 0;
}

}  // namespace

std::string countdown_line(const Waiting& waiting) {
  const std::string step = waiting.step > 0 ? fmt::format("step {}, ", waiting.step) : "";
  return fmt::format("{}{} silent, next speaks in {}, at most {} left", step,
                     grouped(static_cast<std::uint64_t>(waiting.connections)),
                     span_text(waiting.next), span_text(waiting.most));
}

Countdown::Countdown() {
  if (::isatty(STDERR_FILENO) == 1) due_ = SteadyTime::min();
}

Countdown::~Countdown() {
  if (shown_ > 0) write_unless_it_blocks(fmt::format("\r{:{}}\r", "", shown_));
}

void Countdown::show(const Waiting& waiting, SteadyTime now) {
  const std::string line = countdown_line(waiting);
  if (write_unless_it_blocks(fmt::format("\r{:<{}}", line, shown_))) shown_ = line.size();
  due_ = now + kInterval;
}

}  // namespace echo::idle
