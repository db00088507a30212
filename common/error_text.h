#pragma once

#include <cerrno>
#include <string>
#include <system_error>

namespace echo {

// What an errno means, for the user: "Connection refused". Any thread, unlike strerror(3).
inline std::string error_text(int error) {
  return std::generic_category().message(error);
}

// Whether a call on a non-blocking socket or pipe has only to be made again later.
constexpr bool is_transient(int error) {
  return error == EAGAIN || error == EINTR;
}

}  // namespace echo
