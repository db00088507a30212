#pragma once

#include "client/results/found_rate.h"

namespace echo::testing {

// Found 99.5 messages per second that meet two objectives; 102 failed.
inline FoundRate made_search() {
  using namespace std::chrono_literals;
  FoundRate found;
  found.objectives = {"p99<5ms", "errors<1%"};
  found.from = 50;
  found.to = 2000;
  found.precision = 0.02;
  found.required = 60;
  found.rate = 99.5;
  found.confirmed = found.complete = true;
  found.next_failed = 102;
  found.limited_by = LimitedBy::connections;
  found.trials = {{.asked = 50,
                   .achieved = 49.75,
                   .duration = 1s,
                   .verdict = TrialVerdict::met,
                   .values = {"p99 1.00 ms", "errors 0 %"}},
                  {.asked = 102,
                   .achieved = 100,
                   .duration = 1s,
                   .verdict = TrialVerdict::missed,
                   .values = {"p99 5.1 % had no answer", "errors 5.1 %", "fell behind"}},
                  {.asked = 100,
                   .achieved = 99.5,
                   .duration = 10s,
                   .confirming = true,
                   .verdict = TrialVerdict::met,
                   .values = {"p99 4.50 ms", "errors 0.0034 %"}}};
  return found;
}

}  // namespace echo::testing
