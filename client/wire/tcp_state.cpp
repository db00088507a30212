#include "client/wire/tcp_state.h"

// Has all fields of tcp_info, unlike netinet/tcp.h, and the two cannot be included together.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <limits>

namespace echo {

std::optional<TcpState> tcp_state(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  TcpState state;
  state.retransmissions = info.tcpi_total_retrans;
  state.lost = info.tcpi_lost;
  state.congestion_window = info.tcpi_snd_cwnd;
  state.delivery_rate = info.tcpi_delivery_rate;
  state.rtt = std::chrono::microseconds(info.tcpi_rtt);
  const bool is_known = info.tcpi_min_rtt != std::numeric_limits<std::uint32_t>::max();
  if (is_known) state.min_rtt = std::chrono::microseconds(info.tcpi_min_rtt);
  return state;
}

}  // namespace echo
