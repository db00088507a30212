#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "common/listening/listening_socket.h"
#include "common/monitoring/http_route.h"

namespace echo {

class HttpLoop;

// A few pages over HTTP for scrapers and probes, one request per connection. However many ask and
// however slowly, it takes one thread, 64 connections and a few hundred KiB.
// Thread rule: the owner's thread alone; pages are made by the thread "metrics".
class HttpServer {
 public:
  static constexpr int kBacklog = 64;

  // Answers nothing yet, and nothing ever without a socket. A connection ends after `patience`,
  // whatever its peer has asked or read by then.
  explicit HttpServer(std::vector<ListeningSocket> sockets,
                      std::chrono::nanoseconds patience = std::chrono::seconds(5));
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  // The addresses really bound.
  const std::vector<std::string>& addresses() const { return addresses_; }

  // Any other path is answered 404. Throws std::exception with a line for the user.
  void start(const HttpRoutes& routes, const HttpQuestion& question = {});

  // When it returns no page is being made; what was under way is disconnected.
  void stop();

 private:
  const std::chrono::nanoseconds patience_;
  std::vector<ListeningSocket> sockets_;  // until the start
  const std::vector<std::string> addresses_;
  std::unique_ptr<HttpLoop> loop_;
};

}  // namespace echo
