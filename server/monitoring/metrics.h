#pragma once

#include <string>

#include "common/logging.h"
#include "common/monitoring/http_server.h"
#include "server/core/reload_state.h"
#include "server/core/server.h"

namespace echo {

// What Prometheus scrapes and orchestrators probe: /metrics, /healthz and /readyz, read from the
// server when somebody asks. Owner: main, after the server, which must outlive it.
// Thread rule: the owner's thread; pages are made by the metrics thread.
class Metrics {
 public:
  Metrics(HttpServer& http, Server& server, const Logging& logging,
          const ReloadState& reload_state);
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  ~Metrics() { http_.stop(); }

  // Answers from now on, while the server drains too.
  void start();

 private:
  HttpResponse readiness() const;
  std::string collect() const;

  HttpServer& http_;
  Server& server_;
  const Logging& logging_;
  const ReloadState& reload_state_;
};

}  // namespace echo
