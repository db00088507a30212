#pragma once

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/descriptor.h"
#include "tests/support/deadline.h"
#include "tests/support/temporary_folder.h"

namespace echo::testing {

// The service manager's end of sd_notify(3).
class NotifySocket {
 public:
  NotifySocket() : descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    const timeval limit{.tv_sec = kHangLimit.count(), .tv_usec = 0};
    ::setsockopt(descriptor_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (::bind(descriptor_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot bind " + path());
    }
  }

  std::string path() const { return folder_.file("notify"); }
  std::string variable() const { return "NOTIFY_SOCKET=" + path(); }

  // Waits for a message that contains the text; those before it are lost.
  std::string wait_for(const std::string& text) {
    for (;;) {
      const std::string message = receive(0);
      if (message.empty()) throw std::runtime_error("no message with " + text);
      if (message.find(text) != message.npos) return message;
    }
  }

  // Sends to itself until the queue takes no more, and returns how many it took.
  int fill() const {
    const Descriptor sender(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    const auto* const to = reinterpret_cast<const sockaddr*>(&address);
    int taken = 0;
    while (::sendto(sender.get(), "x", 1, 0, to, sizeof address) == 1) ++taken;
    return taken;
  }

  // Takes what is there, and returns how many had the text.
  int take_all(const std::string& text) {
    int found = 0;
    for (std::string message = receive(MSG_DONTWAIT); !message.empty();
         message = receive(MSG_DONTWAIT)) {
      found += message.find(text) != message.npos ? 1 : 0;
    }
    return found;
  }

 private:
  std::string receive(int flags) {
    std::array<char, 4096> buffer{};
    const ssize_t got = ::recv(descriptor_.get(), buffer.data(), buffer.size(), flags);
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
  }

  TemporaryFolder folder_;
  Descriptor descriptor_;
};

}  // namespace echo::testing
