#include "client/load/parts.h"

#include <chrono>

namespace echo::load {

Parts::Parts(const Job& job, IntervalQueue& queue)
    : plan(job.plan),
      payload(job.payload),
      route(job.endpoints),
      recorder(job.plan.open_loop(),
               job.plan.ramp_up + job.plan.warmup > std::chrono::nanoseconds::zero(), queue),
      trailing(epoll, recorder, job.trailing_per_generator),
      spin(job.spin, job.plan.spin_adaptive),
      buffer(256 * 1024) {}

}  // namespace echo::load
