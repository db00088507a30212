#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/close_cause.h"
#include "common/latency_histogram.h"
#include "common/listening/accept_error.h"

namespace echo {

// The counters at one moment.
struct StatsSnapshot {
  std::uint64_t accepted = 0;
  std::uint64_t live = 0;  // in the snapshot of SessionRegistry
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::array<std::uint64_t, kCloseCauses> closed{};          // by CloseCause
  std::array<std::uint64_t, kAcceptErrors> accept_errors{};  // by AcceptError
  LatencyHistogram::Snapshot hand_over;
  LatencyHistogram::Snapshot first_read;

  std::uint64_t closed_as(CloseCause cause) const {
    return closed[static_cast<std::size_t>(cause)];
  }
  std::uint64_t failed_as(AcceptError kind) const {
    return accept_errors[static_cast<std::size_t>(kind)];
  }
  // Accepted, but closed before they were served.
  std::uint64_t refused() const;
};

// One number of a snapshot, under the names that those who show it give it.
struct Counter {
  std::string_view name;    // in the log: "accepted", or "closed" followed by the label's value
  std::string_view metric;  // without its prefix: "connections_closed_total"
  std::string_view help;
  std::uint64_t value = 0;
  std::string_view label = {};  // "cause"; empty: none
  std::string_view label_value = {};
  bool is_gauge = false;  // it may become smaller
};

// All counters; those of one metric stand next to each other.
std::vector<Counter> counters_of(const StatsSnapshot& snapshot);

// What all threads count in, once for each connection and never for each message.
// Thread rule: any thread; each counter is exact, a snapshot of several is not one moment's.
class Stats {
 public:
  // Returns the number of the client: 1, 2, 3, …
  std::uint64_t count_accepted();
  void count_closed(CloseCause cause, std::uint64_t bytes_in, std::uint64_t bytes_out);
  void count_accept_error(AcceptError kind);

  // The times from accept to the worker, and to the client's first bytes if there are any.
  void record_hand_over(std::chrono::nanoseconds time) { hand_over_.record(time); }
  void record_first_read(std::chrono::nanoseconds time) { first_read_.record(time); }

  StatsSnapshot snapshot() const;

 private:
  std::atomic<std::uint64_t> accepted_{0};
  std::atomic<std::uint64_t> bytes_in_{0};
  std::atomic<std::uint64_t> bytes_out_{0};
  std::array<std::atomic<std::uint64_t>, kCloseCauses> closed_{};
  std::array<std::atomic<std::uint64_t>, kAcceptErrors> accept_errors_{};
  LatencyHistogram hand_over_;
  LatencyHistogram first_read_;
};

}  // namespace echo
