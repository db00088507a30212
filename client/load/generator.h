#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "client/load/connection.h"
#include "client/load/job.h"
#include "client/load/recorder.h"
#include "client/load/schedule.h"
#include "common/descriptor.h"
#include "common/thread.h"

namespace echo::load {

// One thread with its share of the connections. It connects them after connect(), sends after
// start() until the time has come or all is sent, waits for the answers, and ends.
// Thread rule: the owner calls everything here; `news` is signalled when there is something to ask.
class Generator {
 public:
  Generator(const Job& job, unsigned number, std::uint64_t connections, WakeEvent& news);
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;
  ~Generator();

  void connect();

  // Every connection is up or has failed.
  bool is_ready() const { return stage_ >= Stage::ready; }
  // REQUIRES: is_ready(). Connections that are up.
  std::uint64_t made() const { return connections_.size(); }

  // REQUIRES: is_ready(). Its connections are those from `first` on of the schedule's.
  void start(const Timeline& timeline, const Schedule& schedule, std::uint64_t first,
             std::uint64_t connections);
  // No new message; what is under way is waited for only briefly. Also before start().
  void stop();

  bool is_finished() const { return stage_ == Stage::finished; }
  // Waits for the thread's end and throws what ended it, if anything did.
  void join() { thread_.join(); }
  // REQUIRES: join().
  Recorder& recorder() { return context_.recorder; }

  // The next part of an interval, oldest first; null when there is none now. To be given back.
  std::unique_ptr<IntervalPart> take_part();
  void give_back(std::unique_ptr<IntervalPart> part);

 private:
  enum class Stage { connecting, ready, running, finished };
  enum class Phase { sending, draining, finishing, over };

  void run();
  void connect_all();
  void wait_for_start();
  void begin_to_send();
  void load();

  void step(SteadyTime deadline);
  void release(SteadyTime now);
  void release_next(SteadyTime now);
  void find_next_release();
  void keep_time(SteadyTime now);
  void advance(SteadyTime now);
  void begin_to_drain();
  void begin_to_finish(SteadyTime now);
  void plan_interval(SteadyTime next);
  void publish();
  void check_deadlines(SteadyTime now);

  const Job& job_;
  const std::uint64_t asked_;
  WakeEvent& news_;
  WakeEvent wake_;  // start, stop
  std::atomic<Stage> stage_{Stage::connecting};
  std::atomic<bool> connecting_{false};
  std::atomic<bool> started_{false};  // the plan below is complete
  std::atomic<bool> stop_{false};

  // The plan: written by the owner before it sets started_.
  Timeline timeline_;
  std::uint64_t first_index_ = 0;
  std::uint64_t all_connections_ = 0;

  std::mutex parts_mutex_;  // guards the next two
  std::deque<std::unique_ptr<IntervalPart>> parts_;
  std::vector<std::unique_ptr<IntervalPart>> spare_parts_;

  // The thread's own; the owner looks at context_ and connections_ as its calls above say.
  Context context_;
  std::vector<std::unique_ptr<Connection>> connections_;
  Phase phase_ = Phase::sending;
  std::uint64_t round_ = 0;  // of the connections, in an open loop: the message's number
  std::size_t next_ = 0;     // the connection whose message is due next
  SteadyTime next_release_;  // when it is due; SteadyTime::max() when no more will be
  SteadyTime next_check_;
  SteadyTime next_interval_;
  SteadyTime give_up_at_ = SteadyTime::max();  // ends the present phase whatever is missing

  Thread thread_;
};

}  // namespace echo::load
