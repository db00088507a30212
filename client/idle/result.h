#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "client/idle/finding.h"
#include "client/idle/options.h"

namespace echo::idle {

// What was found out about one server: its findings from the shortest gap to the longest.
struct TargetResult {
  std::string target;
  std::string error;  // why no connection was tried; empty: it was
  std::vector<Finding> findings;

  // Whether a gap has a verdict.
  bool is_measured() const;
  bool any_wrong_bytes() const;
  // Why no gap has a verdict, if it is the same for all of them; empty if it is not, or one has.
  std::string common_failure() const;
  // Nothing if that is not known: neither was it tried to its end nor did a shorter one die.
  std::optional<bool> survives(std::chrono::nanoseconds gap) const;
};

struct Result {
  Options options;
  std::chrono::system_clock::time_point started;
  bool partial = false;  // a signal ended it
  std::vector<TargetResult> targets;

  bool is_measured() const;        // any target
  bool has_unmeasured() const;     // a target without a verdict
  bool survives_required() const;  // on every target, if a gap is required
};

// Of the process: most serious first wrong bytes, an interruption, a target without a verdict or
// with none on the required gap, a required gap that did not survive.
int exit_status(const Result& result);

}  // namespace echo::idle
