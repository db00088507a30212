#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "client/load/generator_interval.h"
#include "client/load/interval_queue.h"
#include "client/results/result.h"
#include "client/wire/message_window.h"
#include "common/poll.h"

namespace echo::load {

// What a generator measured, apart from its intervals.
struct Measured {
  Counters counters;
  std::chrono::nanoseconds longest_wait{0};  // of a message for a busy connection
  Histogram service_time;                    // open loop only: in a closed loop it is the latency
  Histogram connect;
  Histogram send_lateness;
  Histogram latency_without_echoc;
  TcpSummary tcp;
  AnswerCurve answers{};
  std::vector<Corruption> corruptions;
  std::vector<std::uint64_t> late_unsent;  // known only when their interval was over; by its number
};

// Counts what the connections of one generator do. Messages that were due and connections that
// failed before the measuring began are left out; wrong bytes are counted apart then.
// Thread rule: the generator's thread, and the owner once that has ended.
class Recorder {
 public:
  // `warms_up`: what connections do before the load starts is in no figure, but that they are made.
  Recorder(bool open_loop, bool warms_up, IntervalQueue& queue);

  // Until this is called, everything is measured: the connections that are made before the start.
  void measure_from(SteadyTime time, std::chrono::nanoseconds interval, SteadyTime end);
  bool is_measuring(SteadyTime now) const {
    return measured_from_ != SteadyTime::min() && is_measured(now);
  }
  bool is_measured(SteadyTime time) const { return time >= measured_from_; }

  void began(const Message& message);
  // A message whose times are complete.
  void answered(const Message& message, SteadyTime now);
  void timed_out(const Message& message);
  void lost(const Message& message);
  void unanswered(const Message& message);  // at an interruption
  void corrupt(const Message& message, const Corruption& corruption);
  void unexpected(const Corruption& corruption, SteadyTime now);
  // In a closed loop these are of a quota, which is of measured messages whenever it is given up.
  void unsent(std::uint64_t count, SteadyTime due);
  // What is due before this counts like what is due at `due`: unmeasured, or in the same interval.
  SteadyTime counts_alike_until(SteadyTime due) const;
  // Bytes of a message that ends without its answer.
  void partly(const Message& message, std::uint64_t not_sent, std::uint64_t received);

  enum class Made { first, again, by_plan };
  void connected(Made how, std::chrono::nanoseconds time, SteadyTime now);
  void not_connected(Made how, SteadyTime now);  // for good
  void lost_connection(std::optional<Failure> failure, SteadyTime now);
  void closed() { --open_; }
  void failed(Failure failure, SteadyTime now);
  // What is new of a connection. REQUIRES: is_measuring().
  void kernel_told(const TcpSummary& tcp);
  Counters& counters() { return measured_.counters; }

  std::uint64_t open() const { return open_; }            // connections
  std::uint64_t in_flight() const { return in_flight_; }  // messages
  std::uint64_t begun() const { return begun_; }          // all messages that left or never will

  // The intervals: publishes those that are over at `now`.
  SteadyTime next_interval() const { return next_interval_; }
  void publish_until(SteadyTime now);
  // Begins no other interval. The last one lasts until the measuring ended.
  void end_intervals();
  void publish_last(SteadyTime end);

  const Measured& measured() const { return measured_; }
  Measured& measured() { return measured_; }

 private:
  std::uint64_t interval_of(SteadyTime time) const;
  void error(SteadyTime when);
  void connection_error(SteadyTime when);
  bool is_warming_up(SteadyTime now) const;
  void add_to_curve(SteadyTime now);
  void publish(std::uint64_t next);
  void plan_interval(std::uint64_t number);

  const bool open_loop_;
  const bool warms_up_;
  IntervalQueue& queue_;
  Measured measured_;
  std::unique_ptr<GeneratorInterval> interval_ = std::make_unique<GeneratorInterval>();
  SteadyTime measured_from_ = SteadyTime::min();
  SteadyTime end_ = kNever;
  std::chrono::nanoseconds length_{1};  // of an interval
  SteadyTime next_interval_ = kNever;
  struct {
    SteadyTime end = kNever;
    std::size_t index = 0;
  } part_;  // of the curve
  std::uint64_t open_ = 0;
  std::uint64_t in_flight_ = 0;
  std::uint64_t begun_ = 0;
};

}  // namespace echo::load
