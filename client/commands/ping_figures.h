#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "client/results/result.h"
#include "common/latency_histogram.h"
#include "common/poll.h"

namespace echo {

// Why a message of a ping did not come back: the causes of a load's errors, and those that only a
// ping has.
enum class PingLoss {
  refused,
  connect_timeout,
  peer_closed,
  peer_reset,
  timeout,
  no_resources,
  other,
  unresolved,  // the name had no address
  wrong_bytes,
};
inline constexpr std::size_t kPingLosses = static_cast<std::size_t>(PingLoss::wrong_bytes) + 1;

std::string_view name(PingLoss cause);  // "peer_reset"
PingLoss loss_of(Failure failure);

// What is counted of one target for whoever scrapes it. A scrape takes no lock, so that it cannot
// delay a message.
// Thread rule: one thread counts, any reads; each figure is exact, several are not one moment's.
class PingFigures {
 public:
  struct Snapshot {
    std::uint64_t sent = 0;
    std::uint64_t skipped = 0;
    std::uint64_t unexpected = 0;
    std::uint64_t reconnects = 0;
    std::uint64_t outages = 0;
    std::array<std::uint64_t, kPingLosses> lost{};  // by PingLoss
    LatencyHistogram::Snapshot round_trip;
    LatencyHistogram::Snapshot connect;
    bool is_up = false;                          // the last message came back
    std::chrono::nanoseconds outage{0};          // until now; 0: none
    std::chrono::nanoseconds longest_outage{0};  // the present one counts too
  };

  void sent() { add(sent_, 1); }
  void skipped(std::uint64_t intervals) { add(skipped_, intervals); }
  void unexpected() { add(unexpected_, 1); }
  void connected(std::chrono::nanoseconds time, bool is_again);
  void echoed(std::chrono::nanoseconds time);
  void lost(PingLoss cause);
  void outage_began(SteadyTime since);
  void outage_ended(std::chrono::nanoseconds length);

  Snapshot snapshot(SteadyTime now) const;

 private:
  using Count = std::atomic<std::uint64_t>;
  using Nanoseconds = std::atomic<std::int64_t>;
  static void add(Count& count, std::uint64_t number) {
    count.fetch_add(number, std::memory_order_relaxed);
  }
  static constexpr std::int64_t kNoOutage = -1;

  Count sent_{0};
  Count skipped_{0};
  Count unexpected_{0};
  Count reconnects_{0};
  Count outages_{0};
  std::array<Count, kPingLosses> lost_{};
  LatencyHistogram round_trip_;
  LatencyHistogram connect_;
  std::atomic<bool> is_up_{false};
  Nanoseconds outage_since_{kNoOutage};  // of the steady clock
  Nanoseconds longest_outage_{0};
};

}  // namespace echo
