#pragma once

#include <chrono>
#include <cstdint>

namespace echo {

// How the bytes of a connection flow, as the kernel sees it at one moment.
struct Flow {
  using Clock = std::chrono::steady_clock;

  Clock::time_point seen_at;
  int unread = 0;           // received by the kernel and not yet by the worker
  int unsent = 0;           // given to the kernel and not yet taken by the peer
  std::uint64_t taken = 0;  // changes whenever the peer takes bytes, and means nothing else
  // When that last changed, or a little later: the kernel's own time if `exact`, else seen_at.
  Clock::time_point taken_at;
  bool exact = false;  // TCP; a unix socket does not tell
};

// For a connected TCP or unix socket. Never blocks.
Flow flow_of(int socket);

}  // namespace echo
