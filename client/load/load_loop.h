#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "client/load/connection.h"
#include "client/load/job.h"
#include "client/load/mailbox.h"
#include "client/load/pacer.h"
#include "client/load/parts.h"

namespace echo::load {

// A generator's share of the load: the epoll loop that owns its connections. It connects them, lets
// leave what is due until the time has come or all has left, waits for the answers, and sees that
// nothing comes behind them. Thread rule: the generator's thread; the owner once that has ended.
class LoadLoop {
 public:
  // All of these must outlive it.
  LoadLoop(const Job& job, Mailbox& mailbox, IntervalQueue& queue);

  // Does all of it, as the mailbox says. So many connections are asked for; `first` is the number
  // of the first of them among those of all generators.
  void run(std::uint64_t connections, std::uint64_t first);

  // How many of them were made. Also while the mailbox says that all are ready.
  std::uint64_t made() const { return connections_.size(); }

  const Measured& measured() const { return parts_.recorder.measured(); }
  const Route& route() const { return parts_.route; }
  const std::optional<EffectiveSocket>& socket() const { return parts_.kernel.socket; }
  SteadyTime ended_at() const { return ended_at_; }  // the measuring
  const GeneratorUse& use() const { return use_; }   // from when the measuring began

 private:
  enum class Phase { sending, draining, finishing, over };

  void connect_all(std::uint64_t asked, std::uint64_t first);
  void wait_for_start();
  void load();
  void begin_to_send();

  void turn(SteadyTime now, SteadyTime deadline);
  void read_mail();
  SteadyTime release(SteadyTime now);
  SteadyTime next_deadline(SteadyTime now) const;
  void check_connections(SteadyTime now);

  void keep_time(SteadyTime now);
  bool all_begun(SteadyTime now) const;
  void begin_to_drain(SteadyTime now);
  void owe_the_rest(SteadyTime now);
  void wait_only_briefly(SteadyTime now);
  void begin_to_finish(SteadyTime now);
  void end();

  const Job& job_;
  Mailbox& mailbox_;
  Parts parts_;
  Pacer pacer_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::uint64_t owed_ = 0;  // messages to be measured, if they are counted
  std::uint64_t times_exhausted_ = 0;
  Phase phase_ = Phase::sending;
  SteadyTime phase_deadline_ = kNever;  // ends the phase whatever is missing
  SteadyTime ended_at_;
  std::optional<std::chrono::nanoseconds> cpu_before_;  // since the measuring began
  GeneratorUse use_;
};

}  // namespace echo::load
