#include "server/core/stats.h"

namespace echo {
namespace {

void add_causes(std::vector<Counter>& counters, const StatsSnapshot& snapshot, bool refusals) {
  const Counter counter =
      refusals ? Counter{.name = "closed",
                         .metric = "connections_refused_total",
                         .help = "Connections closed before they were served, by cause."}
               : Counter{.name = "closed",
                         .metric = "connections_closed_total",
                         .help = "Served connections that ended, by cause."};
  for (int i = 1; i < kCloseCauses; ++i) {
    const auto cause = static_cast<CloseCause>(i);
    if (is_refusal(cause) != refusals) continue;
    counters.push_back(counter);
    counters.back().value = snapshot.closed_as(cause);
    counters.back().label = "cause";
    counters.back().label_value = name(cause);
  }
}

void add_accept_errors(std::vector<Counter>& counters, const StatsSnapshot& snapshot) {
  for (int i = 0; i < kAcceptErrors; ++i) {
    const auto kind = static_cast<AcceptError>(i);
    counters.push_back({.name = "accept_errors",
                        .metric = "accept_errors_total",
                        .help = "Errors of accept, by kind.",
                        .value = snapshot.failed_as(kind),
                        .label = "kind",
                        .label_value = name(kind)});
  }
}

}  // namespace

std::vector<Counter> counters_of(const StatsSnapshot& snapshot) {
  std::vector<Counter> counters{
      {.name = "accepted",
       .metric = "connections_accepted_total",
       .help = "Connections accepted, including those refused immediately.",
       .value = snapshot.accepted},
      {.name = "live",
       .metric = "connections_live",
       .help = "Connections being served now.",
       .value = snapshot.live,
       .is_gauge = true},
      {.name = "bytes_in",
       .metric = "received_bytes_total",
       .help = "Bytes received from clients.",
       .value = snapshot.bytes_in},
      {.name = "bytes_out",
       .metric = "sent_bytes_total",
       .help = "Bytes sent back to clients.",
       .value = snapshot.bytes_out},
  };
  add_causes(counters, snapshot, false);
  add_causes(counters, snapshot, true);
  add_accept_errors(counters, snapshot);
  return counters;
}

std::uint64_t StatsSnapshot::refused() const {
  std::uint64_t sum = 0;
  for (int i = 0; i < kCloseCauses; ++i) {
    const auto cause = static_cast<CloseCause>(i);
    if (is_refusal(cause)) sum += closed_as(cause);
  }
  return sum;
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
