#include "client/commands/ping_metrics.h"

#include "common/monitoring/metric_families.h"
#include "common/monitoring/process_metrics.h"

namespace echo {
namespace {

using Clock = std::chrono::steady_clock;
using Figures = PingFigures::Snapshot;
using Seconds = std::chrono::duration<double>;

// For a scraper in a tight loop.
constexpr std::chrono::milliseconds kFresh{100};

// The samples of all targets, in families.
class Page {
 public:
  Page(const std::vector<std::string>& targets, const std::vector<Figures>& figures)
      : targets_(targets), figures_(figures) {}

  template <typename Value>
  std::vector<MetricFamilies::Sample> each(Value value) const {
    std::vector<MetricFamilies::Sample> samples;
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      samples.emplace_back(value(figures_[i]), labels(i));
    }
    return samples;
  }

  std::vector<MetricFamilies::Sample> losses() const {
    std::vector<MetricFamilies::Sample> samples;
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      for (std::size_t cause = 0; cause < kPingLosses; ++cause) {
        auto with_cause = labels(i);
        with_cause.push_back({"cause", std::string(name(static_cast<PingLoss>(cause)))});
        samples.emplace_back(figures_[i].lost[cause], std::move(with_cause));
      }
    }
    return samples;
  }

  std::vector<MetricFamilies::Times> times(LatencyHistogram::Snapshot Figures::*which) const {
    std::vector<MetricFamilies::Times> all;
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      all.push_back({figures_[i].*which, labels(i)});
    }
    return all;
  }

 private:
  MetricFamilies::Labels labels(std::size_t i) const { return {{"target", targets_[i]}}; }

  const std::vector<std::string>& targets_;
  const std::vector<Figures>& figures_;
};

void add_counters(MetricFamilies& metrics, const Page& page) {
  metrics.counter("echoc_ping_sent_total", "Messages that were due and were sent, or tried to.",
                  page.each([](const Figures& one) { return one.sent; }));
  metrics.counter("echoc_ping_lost_total", "Messages that did not come back whole, by cause.",
                  page.losses());
  metrics.counter("echoc_ping_unexpected_bytes_total",
                  "Bytes that came behind an answer and were never sent.",
                  page.each([](const Figures& one) { return one.unexpected; }));
  metrics.counter("echoc_ping_skipped_intervals_total",
                  "Intervals without a message, as an answer or a connection was awaited.",
                  page.each([](const Figures& one) { return one.skipped; }));
  metrics.counter("echoc_ping_reconnects_total", "Connections made after one was lost.",
                  page.each([](const Figures& one) { return one.reconnects; }));
  metrics.counter("echoc_ping_outages_total", "Outages that began: from a loss to an answer.",
                  page.each([](const Figures& one) { return one.outages; }));
}

void add_states(MetricFamilies& metrics, const Page& page) {
  metrics.gauge("echoc_ping_up", "Whether the last message came back.",
                page.each([](const Figures& one) { return one.is_up ? 1 : 0; }));
  metrics.gauge("echoc_ping_outage_seconds", "How long the present outage has lasted; 0: none.",
                page.each([](const Figures& one) { return Seconds(one.outage).count(); }));
  metrics.gauge("echoc_ping_longest_outage_seconds",
                "The longest outage, of which the present one may be it.",
                page.each([](const Figures& one) { return Seconds(one.longest_outage).count(); }));
}

}  // namespace

std::string ping_page(const std::vector<std::string>& targets, const std::vector<Figures>& figures,
                      std::chrono::nanoseconds interval) {
  const Page page(targets, figures);
  MetricFamilies metrics;
  add_counters(metrics, page);
  add_states(metrics, page);
  metrics.histogram("echoc_ping_round_trip_seconds",
                    "Time from when a message left until it was back, without connecting.",
                    page.times(&Figures::round_trip));
  metrics.histogram("echoc_ping_connect_seconds", "Time to connect.",
                    page.times(&Figures::connect));
  metrics.gauge("echoc_ping_interval_seconds", "From one message to the next.",
                {Seconds(interval).count()});
  metrics.gauge("echoc_build_info", "1, with the version of this echoc as a label.",
                {{1, {{"version", ECHO_VERSION}}}});
  add_process_metrics(metrics);
  return metrics.text();
}

void PingMetrics::start() {
  const auto metrics = [this] {
    return HttpResponse{.body = collect(), .type = "text/plain; version=0.0.4; charset=utf-8"};
  };
  http_.start({{"/metrics", {.make = metrics, .fresh = kFresh}},
               {"/healthz", {.make = [] { return HttpResponse{.body = "ok\n"}; }}},
               {"/readyz", {.make = [this] { return readiness(); }, .waits = true}}},
              {.ask = [this] { return pulse_.ask(Clock::now()); }, .answered = &pulse_.answered()});
}

// Whether it pings, and not whether anybody answers.
HttpResponse PingMetrics::readiness() const {
  if (!pulse_.is_overdue(Clock::now())) return {.body = "ready\n"};
  return {.status = 503, .body = "the ping hangs\n"};
}

std::string PingMetrics::collect() const {
  std::vector<std::string> names;
  std::vector<Figures> figures;
  for (const auto& target : targets_) {
    names.push_back(target->name());
    figures.push_back(target->tally().figures().snapshot(Clock::now()));
  }
  return ping_page(names, figures, options_.interval);
}

}  // namespace echo
