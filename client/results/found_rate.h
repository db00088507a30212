#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/results/limited_by.h"

namespace echo {

// Unknown: echoc itself was late, and without that the objective might have been met.
enum class TrialVerdict { met, missed, unknown };
std::string_view name(TrialVerdict verdict);

// A run at one rate. Rates are messages per second.
struct RateTrial {
  double asked = 0;
  double achieved = 0;  // the pace at which answers came; never more than asked
  std::chrono::nanoseconds duration{0};
  bool confirming = false;  // the long run
  TrialVerdict verdict = TrialVerdict::unknown;
  LimitedBy limited_by = LimitedBy::rate;  // what kept a rate from being met
  std::vector<std::string> values;         // of each objective, such as "p99 0.153 ms"
};

// What --find-rate found.
struct FoundRate {
  std::vector<std::string> objectives;
  double from = 0;
  double to = 0;
  double precision = 0;
  double required = 0;                // 0: any rate is enough
  std::optional<double> closed_loop;  // what one reached, where it decides how far to search
  std::vector<RateTrial> trials;
  double rate = 0;         // 0: none
  bool confirmed = false;  // by a long run
  std::optional<double> next_failed;
  LimitedBy limited_by = LimitedBy::server;  // rate: the highest rate that was to be tried
  bool complete = false;                     // the search came to its end
  bool errors_judged = false;                // by one of the objectives

  // A rate that was asked for and met is one that is kept, though answers came as much slower as a
  // met trial may be.
  bool satisfies() const {
    const auto keeps_required = [this](const RateTrial& trial) {
      return trial.verdict == TrialVerdict::met && trial.confirming == confirmed &&
             trial.asked >= required;
    };
    return rate > 0 && (rate >= required || std::ranges::any_of(trials, keeps_required));
  }
};

}  // namespace echo
