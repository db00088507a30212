#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "client/results/outputs.h"

namespace echo {

// Keeps the intervals of a run of which it is not yet known whether it is the one to be written.
// Thread rule: main's.
class KeptIntervals : public IntervalSink {
 public:
  explicit KeptIntervals(const LoadPlan& plan)
      : with_hlog_(!plan.hlog.empty()), is_open_(plan.open_loop()) {}

  void begin(std::chrono::system_clock::time_point start) override { start_ = start; }
  void add(const Interval& interval, const Histogram& latency) override;

  // REQUIRES: begin().
  void write(Outputs& outputs) const;

 private:
  bool with_hlog_;
  bool is_open_;
  std::chrono::system_clock::time_point start_;
  std::vector<Interval> intervals_;
  std::vector<std::string> hlog_rows_;  // a histogram itself would take 300 KiB
};

}  // namespace echo
