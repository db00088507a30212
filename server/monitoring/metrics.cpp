#include "server/monitoring/metrics.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "common/monitoring/metric_families.h"
#include "common/monitoring/process_metrics.h"

namespace echo {
namespace {

using Samples = std::vector<MetricFamilies::Sample>;

// Collecting briefly locks all sessions; the page is cached so that a scraper in a tight loop
// cannot slow clients down.
constexpr std::chrono::milliseconds kFresh{100};

#ifdef __clang__
constexpr const char* kCompiler = "clang " __clang_version__;
#else
constexpr const char* kCompiler = "gcc " __VERSION__;
#endif

void add_counters(MetricFamilies& metrics, const std::vector<Counter>& counters) {
  for (auto first = counters.begin(); first != counters.end();) {
    const auto end = std::find_if(
        first, counters.end(), [&](const Counter& each) { return each.metric != first->metric; });
    Samples samples;
    for (auto each = first; each != end; ++each) {
      MetricFamilies::Labels labels;
      if (!each->label.empty()) {
        labels.push_back({std::string(each->label), std::string(each->label_value)});
      }
      samples.emplace_back(each->value, std::move(labels));
    }
    const std::string name = "echod_" + std::string(first->metric);
    if (first->is_gauge) {
      metrics.gauge(name, std::string(first->help), samples);
    } else {
      metrics.counter(name, std::string(first->help), samples);
    }
    first = end;
  }
}

void add_connections(MetricFamilies& metrics, const StatsSnapshot& counters,
                     const Admission::Counts& admitted) {
  add_counters(metrics, counters_of(counters));
  metrics.gauge("echod_connections_limit", "Connections that may be served at once.",
                {admitted.limit});
  metrics.gauge("echod_client_addresses", "Addresses that the served connections come from.",
                {admitted.addresses});
  metrics.histogram("echod_hand_over_seconds", "Time from accept until a worker had the client.",
                    {{counters.hand_over}});
  metrics.histogram("echod_first_read_seconds",
                    "Time from accept until the first bytes of the client were read.",
                    {{counters.first_read}});
}

void add_threads(MetricFamilies& metrics, const SessionDriver::Counts& threads) {
  metrics.gauge("echod_workers", "Worker threads, by state.",
                {{threads.busy, {{"state", "busy"}}}, {threads.parked, {{"state", "parked"}}}});
  metrics.gauge("echod_shared_workers",
                "Worker threads that serve many connections each; 0: one per connection.",
                {threads.shared});
  metrics.counter("echod_workers_created_total", "Worker threads made.", {threads.created});
  metrics.counter("echod_workers_failed_total", "Worker threads that could not be made.",
                  {threads.failed});
}

void add_reload(MetricFamilies& metrics, const ReloadState& reload) {
  const std::chrono::duration<double> since_epoch = reload.time().time_since_epoch();
  metrics.gauge("echod_config_reload_success",
                "Whether the last attempt to read the configuration succeeded.",
                {reload.success() ? 1 : 0});
  metrics.gauge("echod_config_reload_timestamp_seconds",
                "When the configuration that is in force was read, since unix epoch.",
                {since_epoch.count()});
}

}  // namespace

Metrics::Metrics(HttpServer& http, Server& server, const Logging& logging,
                 const ReloadState& reload_state)
    : http_(http), server_(server), logging_(logging), reload_state_(reload_state) {}

void Metrics::start() {
  for (const std::string& address : http_.addresses()) {
    log_event(Level::info, "metrics", "metrics on {address}", {{"address", address}});
  }
  const auto metrics = [this] {
    return HttpResponse{.body = collect(), .type = "text/plain; version=0.0.4; charset=utf-8"};
  };
  const auto ask = [this] {
    return server_.serving() ? server_.ask_listener()
                             : std::chrono::steady_clock::time_point::min();
  };
  http_.start({{"/metrics", {.make = metrics, .fresh = kFresh}},
               {"/healthz", {.make = [] { return HttpResponse{.body = "ok\n"}; }}},
               {"/readyz", {.make = [this] { return readiness(); }, .waits = true}}},
              {.ask = ask, .answered = &server_.listener_answered()});
}

HttpResponse Metrics::readiness() const {
  if (server_.ready()) return {.body = "ready\n"};
  return {.status = 503, .body = server_.serving() ? "the listener hangs\n" : "not serving\n"};
}

std::string Metrics::collect() const {
  MetricFamilies metrics;
  add_connections(metrics, server_.counters(), server_.admitted());
  add_threads(metrics, server_.threads());
  metrics.histogram("echod_timer_lateness_seconds",
                    "Time from a timer's deadline until its callback was called.",
                    {{server_.timer_lateness()}});
  metrics.counter("echod_log_lines_dropped_total", "Log lines that could not be written.",
                  {logging_.dropped()});
  metrics.gauge("echod_build_info", "1, with what this echod was built from as labels.",
                {{1, {{"version", ECHO_VERSION}, {"compiler", kCompiler}}}});
  add_reload(metrics, reload_state_);
  add_process_metrics(metrics);
  return metrics.text();
}

}  // namespace echo
