#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "client/load/schedule.h"
#include "client/results/result.h"

namespace echo::load {

// What one generator measured in one interval.
struct IntervalPart {
  std::uint64_t number = 0;  // 0, 1, 2, … since the measuring began
  Histogram latency;
  std::uint64_t errors = 0;
  std::uint64_t connections = 0;
};

// A message on its way. Its number counts the connection's messages over all reconnections.
struct Message {
  std::uint64_t number = 0;
  std::uint64_t begin = 0;  // place of its first byte in the connection's stream
  std::uint64_t end = 0;    // place behind its last byte
  SteadyTime intended;
  SteadyTime begun;
};

// Counts what the connections of one generator do. Messages that were due before the measuring
// began are left out, connections and wrong bytes never. Thread rule: the generator's thread, and
// the owner once that has ended.
class Recorder {
 public:
  explicit Recorder(bool open_loop) : open_loop_(open_loop) {}

  void measure_from(SteadyTime time) { measured_from_ = time; }

  void began(const Message& message, SteadyTime free_since) {
    ++in_flight;
    if (!is_measured(message)) return;
    ++counters.messages.sent;
    if (open_loop_) send_lateness.record(message.begun - std::max(message.intended, free_since));
  }

  void echoed(const Message& message, SteadyTime now) {
    --in_flight;
    last_answer = now;
    if (!is_measured(message)) return;
    ++counters.messages.echoed;
    part->latency.record(now - message.intended);
    if (open_loop_) service_time.record(now - message.begun);
  }

  void timed_out(const Message& message) {
    --in_flight;
    if (is_measured(message)) ++counters.messages.timed_out;
  }
  void lost(const Message& message) {
    --in_flight;
    if (is_measured(message)) ++counters.messages.lost;
  }
  void corrupt(const Corruption& corruption) {
    ++counters.messages.corrupt;
    ++part->errors;
    if (corruptions.size() < kShownCorruptions) corruptions.push_back(corruption);
  }
  void failed(Failure failure) {
    counters.count(failure);
    ++part->errors;
  }

  Counters counters;
  Histogram service_time;  // open loop only: in a closed loop it is the latency
  Histogram connect;
  Histogram send_lateness;
  std::vector<Corruption> corruptions;
  std::unique_ptr<IntervalPart> part = std::make_unique<IntervalPart>();
  SteadyTime last_answer;
  std::string first_refusal;    // what was tried for the first connection that could not be made
  std::uint64_t in_flight = 0;  // messages of all connections
  std::uint64_t up = 0;         // connections

 private:
  bool is_measured(const Message& message) const { return message.intended >= measured_from_; }

  const bool open_loop_;
  SteadyTime measured_from_;
};

}  // namespace echo::load
