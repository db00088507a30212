#pragma once

#include <string_view>

namespace echo {

// What accept failed for.
enum class AcceptError {
  connection,   // the connection that was to be accepted; the next one is none the worse
  descriptors,  // the process or the system has no descriptor left
  memory,
  other,
};

// The word for counters, such as "descriptors".
std::string_view name(AcceptError kind);

inline constexpr int kAcceptErrors = static_cast<int>(AcceptError::other) + 1;

}  // namespace echo
