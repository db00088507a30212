#pragma once

#include <string_view>

namespace echo {

// Why a connection ended: one vocabulary for log, counters and client.
enum class CloseCause {
  none,  // still open
  peer_closed,
  peer_reset,
  idle,
  stalled,  // took none of the bytes there were for it, or no longer answers
  lifetime,
  drained,
  full,         // as many connections as are allowed
  per_address,  // as many of this client's address as are allowed
  denied,       // this client's address is not let in
  no_resources,
  error,
};

inline constexpr int kCloseCauses = static_cast<int>(CloseCause::error) + 1;

// The word for log lines and results, such as "peer_closed".
std::string_view name(CloseCause cause);

}  // namespace echo
