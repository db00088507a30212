#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "client/results/histogram.h"
#include "client/results/objective.h"

namespace echo::load {

// Why a connection could not be made, was lost, or a message failed.
enum class Failure {
  refused,
  connect_timeout,
  peer_closed,
  peer_reset,
  timeout,
  no_resources,
  other,
};
inline constexpr std::size_t kFailures = static_cast<std::size_t>(Failure::other) + 1;

std::string_view name(Failure failure);  // the key of results, such as "peer_reset"
Failure failure_of(int error);           // what an errno of connect, send or recv stands for

struct Counters {
  struct {
    std::uint64_t asked = 0;
    std::uint64_t made = 0;         // before the clock started
    std::uint64_t failed = 0;       // could not be made, then or later
    std::uint64_t lost = 0;         // without being asked to end
    std::uint64_t reconnected = 0;  // made again after a loss
    std::uint64_t churned = 0;      // made again as --messages-per-connection asks
  } connections;
  struct {
    std::uint64_t sent = 0;  // echoed + corrupt + timed_out + lost, unless bytes came unasked
    std::uint64_t echoed = 0;
    std::uint64_t corrupt = 0;
    std::uint64_t timed_out = 0;
    std::uint64_t lost = 0;    // with their connection, or without an answer when the run ended
    std::uint64_t unsent = 0;  // were due, but their connection was not free before the run ended
  } messages;
  struct {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
  } bytes;
  std::array<std::uint64_t, kFailures> failures{};

  void count(Failure failure) { ++failures[static_cast<std::size_t>(failure)]; }
  void add(const Counters& other);
};

// Messages and connections that failed.
std::uint64_t failures(const Counters& counters);

// Where an answer was wrong. Numbers of connections and messages begin with 1, offsets with 0.
struct Corruption {
  std::uint64_t connection = 0;
  std::uint64_t message = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  unsigned got = 0;
  unsigned wanted = 0;
  bool unasked = false;  // came when nothing was outstanding: there is no wanted byte
};
inline constexpr std::size_t kShownCorruptions = 10;

// What happened in an interval of the run.
struct Interval {
  std::chrono::nanoseconds start{0};  // since the measuring began
  std::chrono::nanoseconds length{0};
  std::uint64_t echoed = 0;
  std::uint64_t errors = 0;
  std::uint64_t connections = 0;  // up at its end
  std::chrono::nanoseconds p50{0};
  std::chrono::nanoseconds p99{0};
  std::chrono::nanoseconds max{0};

  double at_seconds() const;  // its end
  double rate() const;        // messages a second
};

// All that a run has measured.
struct Result {
  bool partial = false;
  std::string target;
  std::chrono::system_clock::time_point started;  // when the measuring began
  std::chrono::nanoseconds duration{0};           // of the measuring
  std::uint64_t asked_rate = 0;                   // 0: closed loop
  Counters counters;
  std::array<Histogram, 4> histograms;  // by Times
  std::vector<Corruption> corruptions;  // the first few
  std::vector<Interval> intervals;
  std::vector<Verdict> verdicts;

  Histogram& times(Times which) { return histograms[static_cast<std::size_t>(which)]; }
  const Histogram& times(Times which) const { return histograms[static_cast<std::size_t>(which)]; }
  double achieved_rate() const;
};

inline constexpr std::array<std::string_view, 4> kTimesNames{"latency", "service_time", "connect",
                                                             "send_lateness"};

}  // namespace echo::load
