#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <utility>
#include <vector>

#include "common/latency_histogram.h"

namespace echo {

// The metrics of one scrape, each family with all its samples.
class MetricFamilies {
 public:
  using Labels = std::vector<prometheus::ClientMetric::Label>;
  struct Sample {
    template <typename Number>
    Sample(Number number, Labels of = {})  // NOLINT: a bare number is a sample
        : value(static_cast<double>(number)), labels(std::move(of)) {}

    double value;
    Labels labels;
  };

  void counter(std::string name, std::string help, const std::vector<Sample>& samples);
  void gauge(std::string name, std::string help, const std::vector<Sample>& samples);
  struct Times {
    LatencyHistogram::Snapshot snapshot;
    Labels labels{};
  };
  void histogram(std::string name, std::string help, const std::vector<Times>& samples);

  // In Prometheus' text format.
  std::string text() const;

 private:
  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace echo
