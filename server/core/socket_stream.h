#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "server/core/spin.h"

namespace echo {

// Where the peer has half-closed, a shutdown(2) of ours is no event any more: look this often.
constexpr std::chrono::milliseconds kEndedLook{50};

// A connected socket: the one place that receives and sends. recv(2) and send(2) themselves,
// because Asio's calls poll without limit where these say EAGAIN. Never blocks.
// On a unix socket bytes stay in the kernel's queue until they are sent: only a queue that is not
// empty makes a close a reset there, so that bytes that are lost never look like a regular end.
// Owner: the worker; it alone calls.
class SocketStream {
 public:
  explicit SocketStream(int socket) : socket_(socket), keeps_(is_unix(socket)) {}

  bool is_unix() const { return keeps_; }

  ssize_t receive(std::span<std::byte> space, int flags = MSG_DONTWAIT) const {
    return ::recv(socket_, space.data(), space.size(), keeps_ ? flags | MSG_PEEK : flags);
  }

  // May overwrite what it has sent.
  ssize_t send(std::span<std::byte> bytes) { return keeps_ ? send_kept(bytes) : send_now(bytes); }

 protected:
  int socket() const { return socket_; }

 private:
  static bool is_unix(int socket);

  ssize_t send_now(std::span<const std::byte> bytes) const {
    return ::send(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  ssize_t send_kept(std::span<std::byte> bytes);
  ssize_t send_pieces(std::span<const std::byte> bytes) const;
  void take_out(std::span<std::byte> sent) const;

  const int socket_;
  const bool keeps_;              // a unix socket
  std::size_t piece_ = SIZE_MAX;  // as much as one call sends
};

// For a worker that serves nobody else meanwhile. Receiving blocks, but for a second at most while
// the space is large, so that a stream that pauses returns its buffer.
class WaitingStream : public SocketStream {
 public:
  WaitingStream(int socket, SpinPermits& permits, std::chrono::nanoseconds spin)
      : SocketStream(socket), spin_(permits, spin) {}

  ssize_t receive(std::span<std::byte> space) {
    if (const bool large = space.size() >= kLarge; large != limited_) limit_receive(large);
    return spin_.wait(
        [&](bool wait) { return SocketStream::receive(space, wait ? 0 : MSG_DONTWAIT); },
        [](ssize_t got) { return got < 0 && errno == EAGAIN; });
  }

  // Waits until the peer has made room, or until a shutdown(2) after which `is_ended` is set.
  void wait_for_room(const std::atomic<bool>& is_ended) const;

 private:
  static constexpr std::size_t kLarge = std::size_t{16} * 1024;

  void limit_receive(bool limited);

  bool limited_ = false;
  Spin spin_;
};

}  // namespace echo
