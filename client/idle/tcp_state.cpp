#include "client/idle/tcp_state.h"

#include <linux/sockios.h>
#include <linux/tcp.h>  // its tcp_info has tcpi_segs_in, that of <netinet/tcp.h> has not
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <limits>

#include "common/set_option.h"

namespace echo::idle {
namespace {

constexpr int kProbes = 5;

template <typename Unit>
int whole(std::chrono::nanoseconds time) {
  const auto count = std::chrono::ceil<Unit>(time).count();
  return static_cast<int>(std::clamp<std::int64_t>(count, 1, std::numeric_limits<int>::max()));
}

}  // namespace

bool all_acknowledged(int socket) {
  int bytes = 0;
  return ::ioctl(socket, SIOCOUTQ, &bytes) != 0 || bytes == 0;
}

void acknowledge_now(int socket) {
  set_option(socket, IPPROTO_TCP, TCP_QUICKACK, 1);
}

std::optional<std::uint32_t> segments_received(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  constexpr std::size_t kNeeded = offsetof(tcp_info, tcpi_segs_in) + sizeof info.tcpi_segs_in;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  if (size < kNeeded) return std::nullopt;
  return info.tcpi_segs_in;
}

void set_keepalive(int socket, std::chrono::nanoseconds interval,
                   std::chrono::nanoseconds timeout) {
  set_option(socket, SOL_SOCKET, SO_KEEPALIVE, interval.count() > 0 ? 1 : 0);
  if (interval.count() == 0) return;
  set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, whole<std::chrono::seconds>(interval));
  set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, whole<std::chrono::seconds>(timeout / kProbes));
  set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, kProbes);
}

void set_user_timeout(int socket, std::chrono::nanoseconds timeout) {
  set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, whole<std::chrono::milliseconds>(timeout));
}

}  // namespace echo::idle
