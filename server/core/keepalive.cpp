#include "server/core/keepalive.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

#include "common/set_option.h"

namespace echo {
namespace {

// As many probes must be lost before a peer counts as gone.
constexpr int kProbes = 6;
constexpr int kLongestInterval = 10;

}  // namespace

KeepaliveTimes keepalive_times(std::chrono::nanoseconds silence) {
  if (silence <= std::chrono::nanoseconds::zero()) return {};
  const auto whole = std::chrono::ceil<std::chrono::seconds>(
      std::min<std::chrono::nanoseconds>(silence, kLongestKeepalive));
  const int idle = static_cast<int>(whole.count());
  return {
      .idle = idle, .interval = std::clamp(idle / kProbes, 1, kLongestInterval), .count = kProbes};
}

void set_keepalive(int socket, std::chrono::nanoseconds silence) {
  const KeepaliveTimes times = keepalive_times(silence);
  // A listening socket of systemd's may have it on (KeepAlive=), and what it accepts inherits that.
  if (times.idle == 0) return set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 0);
  set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, times.idle);
  set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, times.interval);
  set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, times.count);
  set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
}

}  // namespace echo
