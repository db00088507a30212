#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "common/logging.h"
#include "server/core/server.h"
#include "server/monitoring/http_server.h"

namespace echo {

// What Prometheus scrapes and orchestrators probe: /metrics, /healthz and /readyz, read from the
// server when somebody asks. Owner: main, after the server, which must outlive it.
// Thread rule: start and the destructor by the owner; the pages by any.
class Metrics {
 public:
  Metrics(HttpServer& http, const Server& server, const Logging& logging);
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  ~Metrics() { http_.stop(); }

  // Answers from now on, while the server drains too.
  void start();

 private:
  HttpServer::Answer page();
  HttpServer::Answer readiness() const;
  std::string collect() const;

  HttpServer& http_;
  const Server& server_;
  const Logging& logging_;

  std::mutex mutex_;  // guards the next two
  std::string text_;
  std::optional<std::chrono::steady_clock::time_point> collected_;
};

}  // namespace echo
