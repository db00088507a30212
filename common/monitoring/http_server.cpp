#include "common/monitoring/http_server.h"

#include <utility>

#include "common/monitoring/http_loop.h"

namespace echo {
namespace {

std::vector<std::string> addresses_of(const std::vector<ListeningSocket>& sockets) {
  std::vector<std::string> result;
  for (const ListeningSocket& socket : sockets) result.push_back(socket.address());
  return result;
}

}  // namespace

HttpServer::HttpServer(std::vector<ListeningSocket> sockets, std::chrono::nanoseconds patience)
    : patience_(patience), sockets_(std::move(sockets)), addresses_(addresses_of(sockets_)) {}

HttpServer::~HttpServer() = default;

void HttpServer::start(const HttpRoutes& routes, const HttpQuestion& question) {
  if (sockets_.empty()) return;
  loop_ = std::make_unique<HttpLoop>(std::move(sockets_), routes, question, patience_);
}

void HttpServer::stop() {
  loop_.reset();
  sockets_.clear();
}

}  // namespace echo
