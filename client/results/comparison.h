#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "client/results/threshold.h"

namespace echo {

// Two sides of runs beside each other. The unit is the run, never the message: messages of one run
// share its luck, so that among millions of them every difference would seem significant. Plain
// values in, a verdict out; pure, any thread.

// One figure of every run. Infinity: above all, as a percentile among what had no answer is.
struct Measure {
  std::string name;
  std::string unit;  // as Objective::unit()
  bool higher_is_better = false;
  std::vector<double> base;
  std::vector<double> next;
};

struct Difference {
  std::string name;
  std::string unit;
  bool higher_is_better = false;
  double base = 0;         // the median of the runs; may be infinity, as may the next three
  double base_spread = 0;  // from the lowest to the highest run, as a share of the median
  double next = 0;
  double next_spread = 0;
  double change = 0;  // from base to next, a share of base; infinity from 0 or to infinity
  double p = 1;       // of rank_test()
  bool beyond_noise = false;
  bool is_worse = false;  // by the medians, or where they are equal by the ranks
};

// A threshold and whether its metric is beyond it and beyond noise.
struct GateVerdict {
  Threshold threshold;
  Difference difference;
  bool failed = false;
};

struct Comparison {
  std::size_t base_runs = 0;
  std::size_t next_runs = 0;
  std::vector<Difference> differences;
  std::vector<GateVerdict> gates;

  bool has_enough_runs() const;
  bool failed() const;
};

inline constexpr std::size_t kFewestRuns = 4;  // 3 against 3 cannot get below a p of 0.1
inline constexpr double kSignificance = 0.05;

double median(std::vector<double> values);
Difference difference_of(const Measure& measure);

// Every threshold must name one of the measures; throws std::out_of_range otherwise. All measures
// have the same numbers of runs.
Comparison compare(const std::vector<Measure>& measures, const std::vector<Threshold>& thresholds);

}  // namespace echo
