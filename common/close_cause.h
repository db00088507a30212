#pragma once

#include <string_view>

namespace echo {

// Why a connection ended: one vocabulary for log, counters and client.
enum class CloseCause {
  none,  // still open
  peer_closed,
  peer_reset,
  unreachable,  // its machine no longer answers
  idle,
  stalled,  // took none of the bytes that there were for it
  lifetime,
  drained,
  full,         // as many connections as are allowed
  per_address,  // as many of this client's address as are allowed
  denied,       // this client's address is not let in
  no_resources,
  error,
};

inline constexpr int kCloseCauses = static_cast<int>(CloseCause::error) + 1;

// Whether it is why a connection was closed before it was served.
constexpr bool is_refusal(CloseCause cause) {
  return cause == CloseCause::full || cause == CloseCause::per_address ||
         cause == CloseCause::denied || cause == CloseCause::no_resources;
}

// The word for log lines and results, such as "peer_closed".
std::string_view name(CloseCause cause);

}  // namespace echo
