#pragma once

#include <optional>
#include <vector>

#include "client/results/objective.h"

namespace echo {

inline constexpr double kFirstRate = 100;
inline constexpr double kRatePrecision = 0.02;

// What --find-rate and the options beside it ask for. Rates are messages per second.
struct FindRatePlan {
  std::vector<Objective> objectives;  // empty: nothing is searched for
  std::optional<double> from;         // the lowest rate that is tried
  std::optional<double> to;           // the highest; else twice what a closed loop reaches
  std::optional<double> precision;    // a share of the rate
  std::optional<double> required;     // a lower rate is a missed objective

  bool wanted() const { return !objectives.empty(); }
};

}  // namespace echo
