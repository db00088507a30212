#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory_resource>
#include <mutex>
#include <vector>

#include "server/core/session.h"
#include "server/core/stats.h"

namespace echo {

// The live sessions, in the order of their numbers: for drain, heartbeat and counts.
// Thread rule: any thread. A session is here exactly while it runs.
class Sessions {
 public:
  explicit Sessions(Stats& stats) : stats_(stats) {}

  // Registers the session, runs it and counts how it ended.
  void run(Session& session);

  // Counts a connection for which no session could be made.
  void count_unserved();

  // Tells every session, and each that comes later, to drain.
  void drain();

  // Resets every session, and each that comes later.
  void reset();

  // How many were cut short by reset.
  std::uint64_t forced() const;

  struct Silent {
    bool nobody = true;                  // not one session lives
    std::vector<std::uint64_t> numbers;  // the first of the silent ones
    std::size_t more = 0;                // silent ones that are not in numbers
  };
  // Who has neither sent nor taken a byte since `when`; names at most `most` of them.
  Silent silent_since(Session::Clock::time_point when, std::size_t most) const;

  // All counters; the bytes of live sessions are in it.
  StatsSnapshot snapshot() const;

 private:
  enum class Phase { serving, draining, resetting };

  void add(Session& session);
  void remove(Session& session, CloseCause cause);

  Stats& stats_;
  mutable std::mutex mutex_;  // guards all below
  // A worker that never calls malloc is spared glibc's cache for its thread, of 0.6 KiB.
  std::pmr::unsynchronized_pool_resource nodes_;
  std::pmr::map<std::uint64_t, Session*> live_{&nodes_};
  Phase phase_ = Phase::serving;
  std::uint64_t forced_ = 0;
};

}  // namespace echo
