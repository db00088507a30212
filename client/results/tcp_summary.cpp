#include "client/results/tcp_summary.h"

#include <algorithm>
#include <stdexcept>

namespace echo {
namespace {

void add_to(std::uint64_t& sum, std::uint64_t more) {
  if (__builtin_add_overflow(sum, more, &sum)) {
    throw std::overflow_error("more connections or retransmissions than can be counted");
  }
}

}  // namespace

void Spread::add(const Spread& other) {
  if (other.count == 0) return;
  min = count == 0 ? other.min : std::min(min, other.min);
  max = std::max(max, other.max);
  add_to(count, other.count);
  sum += other.sum;
}

void TcpSummary::add(const TcpSummary& other) {
  add_to(connections, other.connections);
  add_to(affected, other.affected);
  add_to(retransmissions, other.retransmissions);
  rtt.add(other.rtt);
  min_rtt.add(other.min_rtt);
  congestion_window.add(other.congestion_window);
  delivery_rate.add(other.delivery_rate);
  lost.add(other.lost);
}

}  // namespace echo
