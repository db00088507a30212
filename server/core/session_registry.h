#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory_resource>
#include <vector>

#include "common/mutex.h"
#include "server/core/session.h"
#include "server/core/stats.h"

namespace echo {

// The live sessions, in the order of their numbers: for drain, heartbeat and counts.
// Thread rule: any thread. A session is here exactly while its Entry lives.
class SessionRegistry {
 public:
  explicit SessionRegistry(Stats& stats) : stats_(stats) {}

  // A session's entry: made before it begins, destroyed once it has ended.
  class Entry {
   public:
    Entry(SessionRegistry& registry, Session& session);
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() { registry_.remove(session_, cause_); }

    // How it ended; `error` if nobody says.
    void set_cause(CloseCause cause) { cause_ = cause; }

   private:
    SessionRegistry& registry_;
    Session& session_;
    CloseCause cause_ = CloseCause::error;
  };

  // Counts a connection for which no session could be made.
  void count_unserved();

  // Tells every session, and each that comes later, to drain.
  void drain();

  // Resets every session, and each that comes later.
  void reset();

  // How many were reset while the others drained, whatever for.
  std::uint64_t forced() const;

  struct SilentClients {
    bool none_connected = true;         // no session at all
    std::vector<std::uint64_t> listed;  // the first of the silent ones
    std::size_t omitted = 0;            // silent ones that are not listed
  };
  // Sessions with no traffic since `when`; lists at most `most`.
  SilentClients silent_since(Session::Clock::time_point when, std::size_t most) const;

  Stats& stats() { return stats_; }

  // All counters, with the bytes of live sessions.
  StatsSnapshot snapshot() const;

 private:
  enum class Phase { serving, draining, resetting };

  void add(Session& session);
  void remove(Session& session, CloseCause cause);

  Stats& stats_;
  mutable Mutex mutex_;  // taken before that of a session
  // A worker that never calls malloc is spared glibc's cache for its thread, of 0.6 KiB.
  std::pmr::unsynchronized_pool_resource nodes_ GUARDED_BY(mutex_);
  std::pmr::map<std::uint64_t, Session*> live_ GUARDED_BY(mutex_){&nodes_};
  Phase phase_ GUARDED_BY(mutex_) = Phase::serving;
  std::uint64_t forced_ GUARDED_BY(mutex_) = 0;
};

}  // namespace echo
