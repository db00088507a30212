#pragma once

#include <sys/socket.h>

namespace echo {

// setsockopt(2) of a whole number. What the kernel refuses stays as it was, and nobody is told: for
// options without which a socket works too.
inline void set_option(int socket, int level, int option, int value) {
  ::setsockopt(socket, level, option, &value, sizeof value);
}

}  // namespace echo
