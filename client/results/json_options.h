#pragma once

#include "client/results/plan.h"

namespace echo {

// Calls visit(key, field) for each effective option, with the names of the JSON result's "options".
// One list for the writer and the reader. Keys of durations end in "_s".
template <typename PlanOrConst, typename Visit>
void for_each_option(PlanOrConst& plan, Visit visit) {
  visit("connections", plan.connections);
  visit("duration_s", plan.duration);
  visit("count", plan.count);
  visit("rate", plan.rate);
  visit("size_min", plan.smallest);
  visit("size_max", plan.largest);
  visit("pipeline", plan.pipeline);
  visit("messages_per_connection", plan.messages_per_connection);
  visit("ramp_up_s", plan.ramp_up);
  visit("warmup_s", plan.warmup);
  visit("timeout_s", plan.timeout);
  visit("connect_timeout_s", plan.connect_timeout);
  visit("threads", plan.threads);
  visit("spin_s", plan.spin);
  visit("spin_adaptive", plan.spin_adaptive);
  visit("source", plan.sources);
  visit("percentiles", plan.percentiles);
  visit("interval_s", plan.interval);
}

}  // namespace echo
