#pragma once

#include <chrono>
#include <fstream>
#include <string>

#include "client/results/plan.h"
#include "client/results/result.h"

namespace echo::load {

// The files of a run. They are opened before it, so that a name that can't be written costs nothing
// but a line; interval rows are written as they come, so that an end by force costs few of them.
class Outputs {
 public:
  explicit Outputs(const LoadOptions& options);  // throws std::runtime_error

  void begin(std::chrono::system_clock::time_point start);
  void add(const Interval& interval, const Histogram& latency);
  // Throws std::runtime_error when anything could not be written.
  void finish(const Result& result);

 private:
  const LoadOptions& options_;
  std::ofstream json_;
  std::ofstream hlog_;
  std::ofstream hgrm_;
  std::ofstream csv_;
};

}  // namespace echo::load
