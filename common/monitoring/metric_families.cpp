#include "common/monitoring/metric_families.h"

#include <prometheus/text_serializer.h>

#include <chrono>
#include <limits>

namespace echo {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Seconds = std::chrono::duration<double>;

MetricFamily family(MetricType type, std::string name, std::string help) {
  MetricFamily result;
  result.type = type;
  result.name = std::move(name);
  result.help = std::move(help);
  return result;
}

}  // namespace

void MetricFamilies::counter(std::string name, std::string help,
                             const std::vector<Sample>& samples) {
  MetricFamily& added =
      families_.emplace_back(family(MetricType::Counter, std::move(name), std::move(help)));
  for (const Sample& sample : samples) {
    ClientMetric& metric = added.metric.emplace_back();
    metric.label = sample.labels;
    metric.counter.value = sample.value;
  }
}

void MetricFamilies::gauge(std::string name, std::string help, const std::vector<Sample>& samples) {
  MetricFamily& added =
      families_.emplace_back(family(MetricType::Gauge, std::move(name), std::move(help)));
  for (const Sample& sample : samples) {
    ClientMetric& metric = added.metric.emplace_back();
    metric.label = sample.labels;
    metric.gauge.value = sample.value;
  }
}

void MetricFamilies::histogram(std::string name, std::string help,
                               const std::vector<Times>& samples) {
  MetricFamily& added =
      families_.emplace_back(family(MetricType::Histogram, std::move(name), std::move(help)));
  for (const auto& [snapshot, labels] : samples) {
    ClientMetric& metric = added.metric.emplace_back();
    metric.label = labels;
    ClientMetric::Histogram& histogram = metric.histogram;
    for (std::size_t i = 0; i < snapshot.counts.size(); ++i) {
      const bool last = i == LatencyHistogram::kBounds.size();
      histogram.sample_count += snapshot.counts[i];
      histogram.bucket.push_back(
          {histogram.sample_count, last ? std::numeric_limits<double>::infinity()
                                        : Seconds(LatencyHistogram::kBounds[i]).count()});
    }
    histogram.sample_sum = Seconds(snapshot.sum).count();
  }
}

std::string MetricFamilies::text() const {
  return prometheus::TextSerializer().Serialize(families_);
}

}  // namespace echo
