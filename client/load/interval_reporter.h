#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/load/interval_merger.h"
#include "client/results/interval_sink.h"
#include "client/results/live.h"
#include "client/results/plan.h"
#include "client/results/result.h"

namespace echo::load {

// Whether live lines are printed. The plan's option or a terminal asks for them.
bool shows_live_lines(const LoadPlan& plan);
// A reader that takes nothing costs the line, and nothing else: the run must not wait for it.
void show_live_line(const std::string& line);

// Puts the intervals of a run into its result, its files and its live lines. Thread rule: main's.
class IntervalReporter {
 public:
  // All of these must outlive it. The first line comes when the measuring has begun.
  IntervalReporter(const LoadPlan& plan, Result& result, IntervalSink& sink);

  void report(const MergedInterval& merged);

  bool is_live() const { return is_live_; }
  // A live line of the run while no interval has one. REQUIRES: is_live().
  void show(const std::string& line) const { show_live_line(line); }

  // Messages whose interval was over before it was known that they would never leave.
  void add_late_unsent(const std::vector<std::uint64_t>& by_interval);

 private:
  std::optional<TimeLeft> time_left(const Interval& interval) const;

  const LoadPlan& plan_;
  Result& result_;
  IntervalSink& sink_;
  const bool is_live_;
  std::uint64_t done_ = 0;  // messages whose fate is known
};

}  // namespace echo::load
