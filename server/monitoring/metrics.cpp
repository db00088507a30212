#include "server/monitoring/metrics.h"

#include <vector>

#include "common/close_cause.h"
#include "server/monitoring/metric_families.h"
#include "server/monitoring/process_metrics.h"

namespace echo {
namespace {

using Samples = std::vector<MetricFamilies::Sample>;

// The counts hold the lock of all sessions for a moment: who asks without end must not make these
// moments add up.
constexpr std::chrono::milliseconds kFresh{100};

#ifdef __clang__
constexpr const char* kCompiler = "clang " __clang_version__;
#else
constexpr const char* kCompiler = "gcc " __VERSION__;
#endif

bool is_refusal(CloseCause cause) {
  StatsSnapshot one;
  one.closed[static_cast<std::size_t>(cause)] = 1;
  return one.refused() > 0;
}

Samples by_cause(const StatsSnapshot& counters, bool refusals) {
  Samples samples;
  for (int i = 1; i < kCloseCauses; ++i) {
    const auto cause = static_cast<CloseCause>(i);
    if (is_refusal(cause) != refusals) continue;
    samples.emplace_back(counters.closed_as(cause),
                         MetricFamilies::Labels{{"cause", std::string(name(cause))}});
  }
  return samples;
}

Samples by_kind(const StatsSnapshot& counters) {
  Samples samples;
  for (int i = 0; i < kAcceptErrors; ++i) {
    const auto kind = static_cast<AcceptError>(i);
    samples.emplace_back(counters.failed_as(kind),
                         MetricFamilies::Labels{{"kind", std::string(name(kind))}});
  }
  return samples;
}

void add_connections(MetricFamilies& metrics, const StatsSnapshot& counters,
                     const Admission::Counts& admitted) {
  metrics.counter("echod_connections_accepted_total",
                  "Connections accepted, those refused at once among them.", {counters.accepted});
  metrics.gauge("echod_connections_live", "Connections being served now.", {counters.live});
  metrics.gauge("echod_connections_limit", "Connections that may be served at once.",
                {admitted.limit});
  metrics.gauge("echod_client_addresses", "Addresses that the served connections come from.",
                {admitted.addresses});
  metrics.counter("echod_connections_closed_total", "Served connections that ended, by cause.",
                  by_cause(counters, false));
  metrics.counter("echod_connections_refused_total",
                  "Connections closed before they were served, by cause.",
                  by_cause(counters, true));
  metrics.counter("echod_accept_errors_total", "Errors of accept, by kind.", by_kind(counters));
  metrics.counter("echod_received_bytes_total", "Bytes received from clients.",
                  {counters.bytes_in});
  metrics.counter("echod_sent_bytes_total", "Bytes sent back to clients.", {counters.bytes_out});
  metrics.histogram("echod_hand_over_seconds", "Time from accept until a worker had the client.",
                    counters.hand_over);
  metrics.histogram("echod_first_read_seconds",
                    "Time from accept until the first bytes of the client were read.",
                    counters.first_read);
}

void add_threads(MetricFamilies& metrics, const Workers::Counts& threads) {
  metrics.gauge("echod_workers", "Worker threads, by state.",
                {{threads.busy, {{"state", "busy"}}}, {threads.parked, {{"state", "parked"}}}});
  metrics.counter("echod_workers_created_total", "Worker threads made.", {threads.created});
  metrics.counter("echod_workers_failed_total", "Worker threads that could not be made.",
                  {threads.failed});
}

}  // namespace

Metrics::Metrics(HttpServer& http, const Server& server, const Logging& logging)
    : http_(http), server_(server), logging_(logging) {}

void Metrics::start() {
  for (const std::string& address : http_.addresses()) {
    log_event(Level::info, "metrics", "metrics on {address}", {{"address", address}});
  }
  http_.start({{"/metrics", [this] { return page(); }},
               {"/healthz", [] { return HttpServer::Answer{.body = "ok\n"}; }},
               {"/readyz", [this] { return readiness(); }}});
}

HttpServer::Answer Metrics::readiness() const {
  if (server_.serving()) return {.body = "ready\n"};
  return {.status = 503, .body = "draining\n"};
}

HttpServer::Answer Metrics::page() {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (!collected_ || now - *collected_ >= kFresh) {
    text_ = collect();
    collected_ = now;
  }
  return {.body = text_, .type = "text/plain; version=0.0.4; charset=utf-8"};
}

std::string Metrics::collect() const {
  MetricFamilies metrics;
  add_connections(metrics, server_.counters(), server_.admitted());
  add_threads(metrics, server_.threads());
  metrics.histogram("echod_timer_lateness_seconds",
                    "Time from a timer's deadline until its callback was called.",
                    server_.timer_lateness());
  metrics.counter("echod_log_lines_dropped_total", "Log lines that could not be written.",
                  {logging_.dropped()});
  metrics.gauge("echod_build_info", "1, with what this echod was built from as labels.",
                {{1, {{"version", ECHO_VERSION}, {"compiler", kCompiler}}}});
  add_process_metrics(metrics);
  return metrics.text();
}

}  // namespace echo
