#pragma once

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <list>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/monitoring/http_server.h"
#include "tests/support/eventually.h"
#include "tests/support/http.h"

namespace echo::testing {

inline constexpr const char* kAnyPort = "127.0.0.1:0";

inline std::vector<ListeningSocket> listening(const std::string& address) {
  return open_sockets(find_targets({Address::parse(address)}), HttpServer::kBacklog);
}

inline HttpRoutes hello() {
  return {{"/hello", {.make = [] { return HttpResponse{.body = "hello\n"}; }}},
          {"/sorry", {.make = [] { return HttpResponse{.status = 503, .body = "sorry\n"}; }}}};
}

// A server of pages that runs.
class PageServer {
 public:
  explicit PageServer(const HttpRoutes& routes = hello(), const HttpQuestion& question = {},
                      std::chrono::nanoseconds patience = std::chrono::hours(1),
                      const std::string& address = kAnyPort)
      : http_(listening(address), patience) {
    http_.start(routes, question);
  }

  const std::string& address() const { return http_.addresses().at(0); }
  HttpServer* operator->() { return &http_; }

  // Whether it still answers. For one whose patience may end before a busy machine has answered.
  bool answers() const {
    return eventually([&] {
      try {
        return http_get(address(), "/hello").body == "hello\n";
      } catch (const std::runtime_error&) {
        return false;
      }
    });
  }

 private:
  HttpServer http_;
};

// The connection ends, with or without a reset, and no page comes back.
inline bool is_cut_off(Socket& client) {
  try {
    return client.receive_until_end().find("hello") == std::string::npos;
  } catch (const std::runtime_error&) {
    return true;
  }
}

inline bool is_open(const Socket& peer) {
  pollfd end{peer.descriptor(), POLLIN, 0};
  return ::poll(&end, 1, 0) == 0;
}

inline int count_open(const std::list<Socket>& peers) {
  return static_cast<int>(std::ranges::count_if(peers, is_open));
}

}  // namespace echo::testing
