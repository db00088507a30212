#pragma once

#include <poll.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "common/descriptor.h"
#include "common/poll.h"
#include "server/core/server.h"
#include "tests/server/core/fill.h"
#include "tests/support/eventually.h"
#include "tests/support/socket.h"
#include "tests/support/workers_under_test.h"

namespace echo::testing {

// Options for a server on a port that the kernel picks.
inline Options local_options() {
  Options options;
  options.listen = {Address::parse("127.0.0.1:0")};
  options.workers = static_cast<std::uint32_t>(steady_workers());
  return options;
}

inline std::vector<ListeningSocket> open_sockets_of(const Options& options) {
  return open_sockets(find_targets(options.listen), options.backlog);
}

// A server in the test's own process; a test that ends leaves no client to wait for.
class RunningServer {
 public:
  explicit RunningServer(const Options& options = local_options())
      : server_(options, open_sockets_of(options)) {
    server_.start();
    server_.serve();
  }
  ~RunningServer() {
    if (stopped_) return;
    skip_wait_.signal();
    stop();
  }

  Socket connect(std::size_t address = 0) {
    return Socket::connect(server_.addresses().at(address));
  }

  // Lets clients finish; skip_wait ends it from another thread.
  Server::Report stop() {
    stopped_ = true;
    server_.drain();
    std::array<pollfd, 2> over{
        {{server_.all_finished(), POLLIN, 0}, {skip_wait_.descriptor(), POLLIN, 0}}};
    poll_until(over, std::chrono::steady_clock::now() + server_.drain_timeout());
    return server_.finish();
  }
  WakeEvent& skip_wait() { return skip_wait_; }

  Server& operator*() { return server_; }
  Server* operator->() { return &server_; }

  bool closed_becomes(CloseCause cause, std::uint64_t count) {
    return eventually([&] { return server_.counters().closed_as(cause) == count; });
  }

 private:
  WakeEvent skip_wait_;
  Server server_;
  bool stopped_ = false;
};

}  // namespace echo::testing
