#include "server/core/flow.h"

#include <linux/sockios.h>
#include <linux/tcp.h>  // its tcp_info has tcpi_bytes_acked, that of <netinet/tcp.h> has not
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>

namespace echo {
namespace {

// The kernel counts in jiffies of up to 10 ms: better a little late than too early.
constexpr std::chrono::milliseconds kJiffy{10};

}  // namespace

Flow flow_of(int socket) {
  Flow flow;
  ::ioctl(socket, SIOCINQ, &flow.unread);
  ::ioctl(socket, SIOCOUTQ, &flow.unsent);
  tcp_info info{};
  socklen_t size = sizeof info;
  flow.exact = ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0;
  flow.seen_at = flow.taken_at = Flow::Clock::now();
  if (!flow.exact) {
    // Bytes in the peer's queue; of what moves it nothing but the change can be seen.
    flow.taken = static_cast<std::uint64_t>(flow.unsent);
    return flow;
  }
  flow.taken = info.tcpi_bytes_acked;
  const std::chrono::milliseconds ago(info.tcpi_last_ack_recv);
  flow.taken_at -= std::max(ago - kJiffy, std::chrono::milliseconds::zero());
  return flow;
}

}  // namespace echo
