#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "client/results/objective.h"
#include "common/address.h"

namespace echo::load {

using std::chrono::nanoseconds;

// What `echoc load` is asked for. A file name that is empty means no such file.
struct LoadOptions {
  Address address;
  std::uint64_t connections = 10;
  nanoseconds duration = std::chrono::seconds(10);  // without ramp-up and warm-up
  std::uint64_t count = 0;                          // messages in all; 0: the duration counts
  std::uint64_t rate = 0;                           // messages a second in all; 0: closed loop
  std::uint64_t smallest = 64;                      // sizes of messages, both included
  std::uint64_t largest = 64;
  std::uint64_t pipeline = 1;                 // messages outstanding per connection
  std::uint64_t messages_per_connection = 0;  // 0: connections are kept
  nanoseconds ramp_up{0};
  nanoseconds warmup{0};
  nanoseconds timeout = std::chrono::seconds(5);
  nanoseconds connect_timeout = std::chrono::seconds(5);
  std::uint64_t threads = 0;  // 0: one a core
  std::vector<std::string> sources;
  std::uint64_t seed = 1;
  std::vector<double> percentiles{50, 90, 99, 99.9, 99.99};
  std::string json;  // "-": standard output
  std::string hlog;
  std::string hgrm;
  std::string csv;
  nanoseconds interval = std::chrono::seconds(1);
  bool interval_asked = false;  // live lines even where standard error is no terminal
  std::vector<Objective> objectives;
  bool quiet = false;

  bool open_loop() const { return rate != 0; }
};

}  // namespace echo::load
