#include "common/log_limit.h"

#include <utility>

namespace echo {
namespace {

constexpr std::chrono::seconds kGap{1};

}  // namespace

std::optional<std::uint64_t> LogLimit::allow(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (last_ && now < *last_ + kGap) {
    ++suppressed_;
    return std::nullopt;
  }
  last_ = now;
  return std::exchange(suppressed_, 0);
}

}  // namespace echo
