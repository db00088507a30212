#pragma once

#include <chrono>
#include <cstdint>

#include "common/poll.h"

namespace echo::load {

// When a run begins to send, when what it sends begins to count, and when it sends no more.
struct Timeline {
  SteadyTime start;
  SteadyTime measured_from;
  SteadyTime end = kNever;
};

// When each message of each connection is due. Pure arithmetic: nothing that happens during the run
// moves a message, and each time is reckoned from the start, so that nothing adds up to a drift.
// Message k of connection i of n is number i + k·n of all, and number g is due g / rate after the
// start. While the load ramps up, connection i joins in after i / n of the ramp.
class Schedule {
 public:
  Schedule() = default;
  // Messages per second of all connections; 0 is a closed loop, in which there is only the ramp.
  Schedule(double rate, std::uint64_t connections, std::chrono::nanoseconds ramp_up,
           SteadyTime start);

  bool open_loop() const { return rate_ > 0; }
  std::uint64_t connections() const { return connections_; }

  // REQUIRES: open_loop().
  SteadyTime due(std::uint64_t number) const;
  SteadyTime due(std::uint64_t connection, std::uint64_t message) const {
    return due(connection + message * connections_);
  }
  // The first message of all that is not due before `time`.
  std::uint64_t first_number(SteadyTime time) const;
  // The first message of a connection whose number among all is not below `number`.
  std::uint64_t first_message(std::uint64_t connection, std::uint64_t number) const;

  SteadyTime joins(std::uint64_t connection) const;

 private:
  double rate_ = 0;
  std::uint64_t connections_ = 1;
  std::chrono::nanoseconds ramp_up_{0};
  SteadyTime start_;
};

// What falls to one of n parts when a whole is divided as evenly as possible.
constexpr std::uint64_t share(std::uint64_t whole, std::uint64_t part, std::uint64_t parts) {
  return whole / parts + (part < whole % parts ? 1 : 0);
}

// By how much a generator that makes one of n parts of a load is behind the first one, so that all
// of them together are one even schedule. `rate` is that of the generator, part counts from 0.
std::chrono::nanoseconds stagger(double rate, std::uint64_t part, std::uint64_t parts);

}  // namespace echo::load
