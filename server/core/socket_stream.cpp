#include "server/core/socket_stream.h"

#include <poll.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>

namespace echo {
namespace {

// A unix socket shows that its peer reads only when it has read a whole piece, of up to 36 KiB.
constexpr std::size_t kUnixPiece = 4096;

}  // namespace

void WaitingStream::limit_receive(bool limited) {
  limited_ = limited;
  const timeval limit{.tv_sec = limited ? 1 : 0, .tv_usec = 0};  // 0 is no limit: socket(7)
  ::setsockopt(socket(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

bool SocketStream::is_unix(int socket) {
  int domain = 0;
  socklen_t size = sizeof domain;
  return ::getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}

ssize_t SocketStream::send_kept(std::span<std::byte> bytes) {
  const ssize_t sent = bytes.size() > piece_ ? send_pieces(bytes) : send_now(bytes);
  if (sent < static_cast<ssize_t>(bytes.size())) piece_ = kUnixPiece;
  if (sent > 0) take_out(bytes.first(static_cast<std::size_t>(sent)));
  return sent;
}

// Out of the queue, over themselves.
void SocketStream::take_out(std::span<std::byte> sent) const {
  while (!sent.empty()) {  // a descriptor among the bytes ends a receive early
    const ssize_t taken = ::recv(socket_, sent.data(), sent.size(), MSG_DONTWAIT);
    if (taken < 0 && errno == EINTR) continue;
    if (taken <= 0) return;
    sent = sent.subspan(static_cast<std::size_t>(taken));
  }
}

ssize_t SocketStream::send_pieces(std::span<const std::byte> bytes) const {
  std::size_t all = 0;
  while (all < bytes.size()) {
    const auto piece = bytes.subspan(all, std::min(piece_, bytes.size() - all));
    const ssize_t sent = send_now(piece);
    if (sent < 0) return all == 0 ? sent : static_cast<ssize_t>(all);
    all += static_cast<std::size_t>(sent);
  }
  return static_cast<ssize_t>(all);
}

void WaitingStream::wait_for_room(const std::atomic<bool>& is_ended) const {
  pollfd room{socket(), POLLOUT | POLLRDHUP, 0};
  while (!is_ended.load(std::memory_order_relaxed)) {
    const int timeout = (room.events & POLLRDHUP) != 0 ? -1 : static_cast<int>(kEndedLook.count());
    if (::poll(&room, 1, timeout) <= 0) continue;
    if ((room.revents & ~POLLRDHUP) != 0) return;
    room.events = POLLOUT;
  }
}

}  // namespace echo
