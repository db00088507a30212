#pragma once

#include <cstdint>

namespace echo {

// The least, the greatest and the sum of what was read.
struct Spread {
  std::uint64_t count = 0;
  std::uint64_t min = 0;
  std::uint64_t max = 0;
  double sum = 0;

  void add(std::uint64_t value) { add(Spread{1, value, value, static_cast<double>(value)}); }
  void add(const Spread& other);
  double mean() const { return count == 0 ? 0 : sum / static_cast<double>(count); }
  friend bool operator==(const Spread&, const Spread&) = default;
};

// What the kernel told of the connections of a run while it was measured, those among them that
// were closed in between.
struct TcpSummary {
  std::uint64_t connections = 0;      // that it was asked about
  std::uint64_t affected = 0;         // of these, with a retransmission
  std::uint64_t retransmissions = 0;  // segments
  Spread rtt;                         // us, the smoothed ones
  Spread min_rtt;                     // us
  Spread congestion_window;           // segments
  Spread delivery_rate;               // bytes per second
  Spread lost;                        // segments held for lost when it was asked

  void add(const TcpSummary& other);  // throws std::overflow_error
  friend bool operator==(const TcpSummary&, const TcpSummary&) = default;
};

// Calls visit(key, unit, spread) for each spread, with the keys of the JSON result.
template <typename SummaryOrConst, typename Visit>
void for_each_spread(SummaryOrConst& tcp, Visit visit) {
  visit("rtt", "us", tcp.rtt);
  visit("min_rtt", "us", tcp.min_rtt);
  visit("congestion_window", "segments", tcp.congestion_window);
  visit("delivery_rate", "bytes/s", tcp.delivery_rate);
  visit("lost", "segments", tcp.lost);
}

}  // namespace echo
