#include "server/core/stats.h"

namespace echo {

std::string_view name(AcceptError kind) {
  constexpr std::array<std::string_view, kAcceptErrors> kNames{"connection", "descriptors",
                                                               "memory", "other"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::uint64_t Stats::count_accepted() {
  return accepted_.fetch_add(1, std::memory_order_relaxed) + 1;
}

void Stats::count_closed(CloseCause cause, std::uint64_t bytes_in, std::uint64_t bytes_out) {
  bytes_in_.fetch_add(bytes_in, std::memory_order_relaxed);
  bytes_out_.fetch_add(bytes_out, std::memory_order_relaxed);
  closed_[static_cast<std::size_t>(cause)].fetch_add(1, std::memory_order_relaxed);
}

void Stats::count_accept_error(AcceptError kind) {
  accept_errors_[static_cast<std::size_t>(kind)].fetch_add(1, std::memory_order_relaxed);
}

StatsSnapshot Stats::snapshot() const {
  StatsSnapshot result;
  result.accepted = accepted_.load(std::memory_order_relaxed);
  result.bytes_in = bytes_in_.load(std::memory_order_relaxed);
  result.bytes_out = bytes_out_.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < closed_.size(); ++i) {
    result.closed[i] = closed_[i].load(std::memory_order_relaxed);
  }
  for (std::size_t i = 0; i < accept_errors_.size(); ++i) {
    result.accept_errors[i] = accept_errors_[i].load(std::memory_order_relaxed);
  }
  result.hand_over = hand_over_.snapshot();
  result.first_read = first_read_.snapshot();
  return result;
}

}  // namespace echo
