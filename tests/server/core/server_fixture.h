#pragma once

#include <string>

#include "common/descriptor.h"
#include "server/core/server.h"
#include "tests/support/eventually.h"
#include "tests/support/socket.h"

namespace echo::testing {

// Options for a server on a port that the kernel picks.
inline Options local_options() {
  Options options;
  options.listen = {Address::parse("127.0.0.1:0")};
  return options;
}

// A server in the test's own process; a test that ends leaves no client to wait for.
class RunningServer {
 public:
  explicit RunningServer(const Options& options = local_options()) : server_(options) {
    server_.start();
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
    return server_.stop(skip_wait_.descriptor());
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
