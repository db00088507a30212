#pragma once

#include <poll.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

#include "tests/support/scripted_server.h"

namespace echo::testing {

// A box on the way to a server that forgets a connection once it has forwarded nothing for longer
// than a limit. It goes by the clock, not by when it gets its turn: a byte that comes after the
// limit is too late however busy the machine is.
class ForgetfulBox {
 public:
  enum class Manner {
    closes,              // FIN at the limit
    resets,              // RST at the limit
    resets_on_speaking,  // RST when a byte comes after the limit
    swallows,            // takes bytes after the limit and forwards none
  };

  ForgetfulBox(std::string server, std::chrono::milliseconds limit, Manner manner)
      : server_(std::move(server)),
        limit_(limit),
        manner_(manner),
        listener_([this](Socket& client, int) { forward(client); }) {}

  const std::string& address() const { return listener_.address(); }

 private:
  using Clock = std::chrono::steady_clock;

  void forward(Socket& client) {
    Socket server = Socket::connect(server_);
    auto last = Clock::now();
    while (true) {
      std::array<pollfd, 2> entries{
          {{client.descriptor(), POLLIN, 0}, {server.descriptor(), POLLIN, 0}}};
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(last + limit_ - Clock::now());
      const int ready =
          ::poll(entries.data(), 2, static_cast<int>(std::max<long>(left.count(), 0)));
      if (Clock::now() >= last + limit_) return forget(client);
      if (ready <= 0) continue;
      const bool is_up = entries[0].revents != 0;
      const std::string bytes = (is_up ? client : server).receive_some();
      if (bytes.empty()) return;
      (is_up ? server : client).send(bytes);
      last = Clock::now();
    }
  }

  void forget(Socket& client) {
    switch (manner_) {
      case Manner::closes:
        client.finish_sending();
        client.receive_until_end();
        return;
      case Manner::resets_on_speaking:
        client.receive_some();
        [[fallthrough]];
      case Manner::resets:
        client.reset();
        return;
      case Manner::swallows:
        client.receive_until_end();
    }
  }

  const std::string server_;
  const std::chrono::milliseconds limit_;
  const Manner manner_;
  ScriptedServer listener_;  // last: its threads use the rest
};

}  // namespace echo::testing
