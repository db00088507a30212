#pragma once

#include <poll.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/idle/countdown.h"
#include "client/idle/options.h"
#include "client/idle/result.h"
#include "client/idle/target.h"
#include "common/signals.h"

namespace echo::idle {

// Probes all targets at once, in one thread with one poll(2) over all connections.
class Prober {
 public:
  // Both must outlive it.
  Prober(const Options& options, Signals& stop);

  // Resolves the addresses and probes them. A signal ends it with what is known by then.
  Result run();

 private:
  // A server, or why there is none to probe.
  struct Probed {
    std::string name;
    std::string error;
    std::unique_ptr<Target> target;
  };

  bool resolve_all();  // false when a signal ended it
  bool probe();        // likewise
  bool is_over() const;
  // Fills entries_ and returns the first deadline.
  SteadyTime prepare();
  // What the deadline of a connection says holds if nothing was ready by `asked_at`.
  void advance(SteadyTime now, SteadyTime asked_at);
  Waiting waiting(SteadyTime now) const;

  const Options& options_;
  Signals& stop_;
  Shared shared_;
  std::vector<Probed> probed_;
  std::vector<pollfd> entries_;
};

}  // namespace echo::idle
