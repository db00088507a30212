#pragma once

#include <string>
#include <system_error>

namespace echo {

// What an errno means, for the user: "Connection refused". Any thread, unlike strerror(3).
inline std::string error_text(int error) {
  return std::generic_category().message(error);
}

}  // namespace echo
