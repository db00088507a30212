#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client/commands/ping_pulse.h"
#include "client/commands/ping_target.h"
#include "common/monitoring/http_server.h"

namespace echo {

// What Prometheus scrapes of a ping, and what orchestrators probe: /metrics, /healthz and /readyz.
// Scrapes only read: when messages leave does not depend on them. Owner: run_ping; all that it is
// given must outlive it. Thread rule: the owner's thread; pages are made by the metrics thread.
class PingMetrics {
 public:
  using Targets = std::vector<std::unique_ptr<PingTarget>>;

  PingMetrics(HttpServer& http, const PingOptions& options, const Targets& targets,
              PingPulse& pulse)
      : http_(http), options_(options), targets_(targets), pulse_(pulse) {}
  PingMetrics(const PingMetrics&) = delete;
  PingMetrics& operator=(const PingMetrics&) = delete;
  ~PingMetrics() { http_.stop(); }

  // Answers from now on. Throws std::exception.
  void start();

 private:
  HttpResponse readiness() const;
  std::string collect() const;

  HttpServer& http_;
  const PingOptions& options_;
  const Targets& targets_;
  PingPulse& pulse_;
};

// The page of these targets; `figures` are in their order.
std::string ping_page(const std::vector<std::string>& targets,
                      const std::vector<PingFigures::Snapshot>& figures,
                      std::chrono::nanoseconds interval);

}  // namespace echo
