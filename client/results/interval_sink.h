#pragma once

#include <chrono>

#include "client/results/result.h"

namespace echo {

// Takes the intervals of a run while it runs. Thread rule: main's.
class IntervalSink {
 public:
  virtual ~IntervalSink() = default;

  // Before the first interval: when the measuring begins.
  virtual void begin(std::chrono::system_clock::time_point start) = 0;
  virtual void add(const Interval& interval, const Histogram& latency) = 0;
};

// For a run whose intervals nobody sees.
class IgnoredIntervals : public IntervalSink {
 public:
  void begin(std::chrono::system_clock::time_point) override {}
  void add(const Interval&, const Histogram&) override {}
};

}  // namespace echo
