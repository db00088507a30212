#pragma once

#include <sys/types.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>

#include "common/close_cause.h"
#include "common/error_text.h"
#include "server/core/buffer.h"

namespace echo {

// The echo of one connection, whoever drives it: bytes in, bytes out, counters, cause of the end.
// Thread rule: one thread calls step; the counters may be read from any thread.
class Echo {
 public:
  // What the next step waits for; `again`: for nothing, as bytes may lie there already.
  enum class Next { receive, again, send, end };

  explicit Echo(Buffer& buffer) : buffer_(buffer) {}

  // Receives when nothing is pending, then sends what is. Stream has receive(span<byte>) and
  // send(span<byte>), which may overwrite what it has sent, with the results and errno of recv(2)
  // and send(2); send never blocks.
  template <typename Stream>
  Next step(Stream& stream) {
    bool filled = false;
    if (pending_.empty()) {
      const std::span<std::byte> space = buffer_.space();
      const ssize_t got = stream.receive(space);
      if (got == 0) return end(CloseCause::peer_closed);
      if (got < 0) return not_received(errno);
      pending_ = space.first(static_cast<std::size_t>(got));
      filled = pending_.size() == space.size();
      buffer_.received(pending_.size());
      add(received_, got);
    }
    const ssize_t sent = stream.send(pending_);
    if (sent < 0) return failed(errno, Next::send);
    pending_ = pending_.subspan(static_cast<std::size_t>(sent));
    add(sent_, sent);
    if (!pending_.empty()) return Next::send;
    return filled ? Next::again : Next::receive;
  }

  // After a step on a shared Buffer: takes what is pending out of it, before others use it, and
  // gives back the memory of what was. Throws std::bad_alloc if that Buffer could not be large.
  void keep_pending() {
    if (pending_.empty() == !kept_) return;
    kept_ = kept_ ? nullptr : buffer_.take();
    if (!kept_ && has_pending()) throw std::bad_alloc();
  }

  // After the end of what the peer sends: the socket has this error.
  void connection_lost(int error) { failed(error, Next::end); }

  // Received but not sent yet.
  bool has_pending() const { return !pending_.empty(); }
  CloseCause cause() const { return cause_; }

  std::uint64_t received() const { return received_.load(std::memory_order_relaxed); }
  std::uint64_t sent() const { return sent_.load(std::memory_order_relaxed); }

 private:
  Next end(CloseCause cause) {
    cause_ = cause;
    return Next::end;
  }

  Next not_received(int error) {
    if (error != EAGAIN) return failed(error, Next::again);
    buffer_.release_large();
    return Next::receive;
  }

  Next failed(int error, Next again) {
    if (is_transient(error)) return again;
    if (error == ECONNRESET || error == EPIPE) return end(CloseCause::peer_reset);
    return end(is_unreachable(error) ? CloseCause::unreachable : CloseCause::error);
  }

  // What the kernel says after keepalive probes or retransmissions that nobody answered: that, or
  // what an ICMP message told meanwhile, which iptables' REJECT sends too (net/ipv4/icmp.c,
  // icmp_err_convert; net/ipv6/icmp.c, tab_unreach).
  static constexpr bool is_unreachable(int error) {
    constexpr std::array kErrors{ETIMEDOUT,    EHOSTUNREACH, ENETUNREACH, EHOSTDOWN,
                                 ECONNREFUSED, EACCES,       ENONET};
    return std::ranges::find(kErrors, error) != kErrors.end();
  }

  // Only one thread writes, so a plain store will do: no locked instruction for each message.
  static void add(std::atomic<std::uint64_t>& counter, ssize_t bytes) {
    counter.store(counter.load(std::memory_order_relaxed) + static_cast<std::uint64_t>(bytes),
                  std::memory_order_relaxed);
  }

  Buffer& buffer_;
  Buffer::Large kept_;
  std::span<std::byte> pending_;
  CloseCause cause_ = CloseCause::none;
  std::atomic<std::uint64_t> received_{0};
  std::atomic<std::uint64_t> sent_{0};
};

}  // namespace echo
