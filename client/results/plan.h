#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/results/find_rate_plan.h"
#include "client/results/objective.h"
#include "client/results/percentiles.h"
#include "client/results/share.h"
#include "common/address.h"
#include "common/random_seed.h"
#include "common/socket_options.h"

namespace echo {

using std::chrono::nanoseconds;

inline constexpr std::uint64_t kRounds = 5;

// What `echoc load` is asked for. A file name that is empty means no such file.
struct LoadPlan {
  Address address;
  std::vector<Address> targets;         // all that were given; address is the first
  std::optional<std::uint64_t> rounds;  // of several targets; nothing: kRounds
  std::uint64_t connections = 10;
  nanoseconds duration = std::chrono::seconds(10);  // without ramp-up and warm-up
  std::uint64_t count = 0;                          // messages in all; 0: the duration counts
  double rate = 0;                                  // messages per second in all; 0: closed loop
  std::uint64_t smallest = 64;                      // sizes of messages, both included
  std::uint64_t largest = 64;
  std::uint64_t pipeline = 1;                 // messages outstanding per connection
  std::uint64_t messages_per_connection = 0;  // 0: connections are kept
  nanoseconds ramp_up{0};
  nanoseconds warmup{0};
  nanoseconds timeout = std::chrono::seconds(5);
  nanoseconds connect_timeout = std::chrono::seconds(5);
  std::uint64_t threads = 0;                          // 0: one a core
  nanoseconds spin = std::chrono::microseconds(200);  // how long a generator polls; 0: never
  bool spin_adaptive = true;                          // only where that pays
  std::vector<std::string> sources;
  SocketOptions socket;
  std::uint64_t seed = random_seed();  // of the payloads and sizes; no other run has it
  Percentiles percentiles = default_percentiles();
  std::string json;  // "-": standard output
  std::string hlog;
  std::string hgrm;
  std::string csv;
  nanoseconds interval = std::chrono::seconds(1);
  bool interval_asked = false;  // live lines even where standard error is no terminal
  std::vector<Objective> objectives;
  FindRatePlan find_rate;
  bool no_picture = false;  // no bars of the latencies in the report
  bool quiet = false;
  std::string label;           // copied into the result
  std::optional<Share> share;  // of a fleet; connections, count and rate are its own
  std::optional<std::chrono::system_clock::time_point> start_at;  // connects no earlier

  bool open_loop() const { return rate > 0; }
  bool has_several_targets() const { return targets.size() > 1; }
  std::uint64_t effective_rounds() const { return rounds.value_or(kRounds); }
};

}  // namespace echo
