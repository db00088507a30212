#pragma once

#include <chrono>
#include <cstdint>

namespace echo::load {

using SteadyTime = std::chrono::steady_clock::time_point;

// When a run begins to send, when what it sends begins to count, and when it sends no more.
struct Timeline {
  SteadyTime start;
  SteadyTime measured_from;
  SteadyTime end;
};

// When each message of each connection is due. Pure arithmetic on whole numbers: nothing that
// happens during the run moves a message, and nothing adds up to a drift.
// Message k of connection i of n is number i + k·n of all, and number g is due g / rate after the
// start. While the load ramps up, connection i joins in after i / n of the ramp.
class Schedule {
 public:
  Schedule() = default;
  // A rate of 0 is a closed loop, in which there is only the ramp.
  Schedule(std::uint64_t rate, std::uint64_t connections, std::chrono::nanoseconds ramp_up,
           SteadyTime start);

  bool open_loop() const { return rate_ != 0; }
  SteadyTime due(std::uint64_t connection, std::uint64_t message) const;
  SteadyTime joins(std::uint64_t connection) const;

  // The first message of a connection that is not due before the connection joins in.
  std::uint64_t first(std::uint64_t connection) const;

 private:
  std::uint64_t rate_ = 0;
  std::uint64_t connections_ = 1;
  std::chrono::nanoseconds ramp_up_{0};
  SteadyTime start_;
};

// What falls to one of n parts when a whole is divided as evenly as possible.
constexpr std::uint64_t share(std::uint64_t whole, std::uint64_t part, std::uint64_t parts) {
  return whole / parts + (part < whole % parts ? 1 : 0);
}

}  // namespace echo::load
