#pragma once

#include <memory>
#include <vector>

#include "client/commands/ping_pulse.h"
#include "client/commands/ping_target.h"
#include "common/signals.h"

namespace echo {

// Pings all targets at once, in one thread with one epoll: each has a schedule of its own, and what
// one of them takes delays no other. Thread rule: one thread.
class Pinger {
 public:
  // Both must outlive it. Before any other thread is started (Resolver). Throws std::exception.
  Pinger(const PingOptions& options, Signals& stop);

  // Until each has had its count, or a signal ends it. Prints the summaries and returns the exit
  // status. Throws std::runtime_error if a first connection is needed and cannot be made.
  int run();

  // For whoever shows them meanwhile.
  const std::vector<std::unique_ptr<PingTarget>>& targets() const { return targets_; }
  PingPulse& pulse() { return pulse_; }
  // Standard output, before run() is called.
  PingOutput& output() { return parts_.output; }

 private:
  void turn();
  void show();
  bool take_signals();
  void stop_all();
  bool is_over() const;
  void print_summaries();
  int status() const;

  Signals& stop_;
  PingParts parts_;
  std::vector<std::unique_ptr<PingTarget>> targets_;
  PingPulse pulse_;
  SteadyTime told_until_ = SteadyTime::min();  // of what was ready by then all is known
  bool is_interrupted_ = false;
};

}  // namespace echo
