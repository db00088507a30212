#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace echo::testing {

using Ns = std::int64_t;

inline Ns now() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

// When a reference server answers: each message as a whole, in the order of its connection.
// --size N         bytes per message
// --delay US       microseconds from the last byte to the answer
// --slow-every N --slow US     another delay for every n-th message
// --stall-every N --stall US   no answer at all for so long from every n-th message on
// --capacity N     at most N answers per second, one after another
// --poll 1         ask the kernel without end instead of sleeping, which needs a core of its own
// --log FILE       where the record goes
struct Behaviour {
  std::size_t size = 64;
  Ns delay = 0;
  std::uint64_t slow_every = 0;
  Ns slow = 0;
  std::uint64_t stall_every = 0;
  Ns stall = 0;
  double capacity = 0;  // answers per second; 0: any
  bool polls = false;
  std::string log;

  Ns due(Ns received) {
    ++count;
    Ns due = received + (slow_every != 0 && count % slow_every == 0 ? slow : delay);
    if (stall_every != 0 && count % stall_every == 0) stalled_until = received + stall;
    due = std::max(due, stalled_until);
    if (capacity > 0) {
      busy_until = std::max(busy_until, received) + static_cast<Ns>(1e9 / capacity);
      due = std::max(due, busy_until);
    }
    return due;
  }

  std::uint64_t count = 0;
  Ns stalled_until = 0;
  Ns busy_until = 0;
};

// Ends the program with status 2 at an option that is not one of these.
inline Behaviour parse_behaviour(int count, char** words) {
  Behaviour behaviour;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string option = words[i];
    const double value = std::atof(words[i + 1]);
    const auto number = static_cast<std::uint64_t>(value);
    const auto time = static_cast<Ns>(value * 1e3);
    if (option == "--size") {
      behaviour.size = number;
    } else if (option == "--delay") {
      behaviour.delay = time;
    } else if (option == "--slow-every") {
      behaviour.slow_every = number;
    } else if (option == "--slow") {
      behaviour.slow = time;
    } else if (option == "--stall-every") {
      behaviour.stall_every = number;
    } else if (option == "--stall") {
      behaviour.stall = time;
    } else if (option == "--capacity") {
      behaviour.capacity = value;
    } else if (option == "--poll") {
      behaviour.polls = number != 0;
    } else if (option == "--log") {
      behaviour.log = words[i + 1];
    } else {
      std::fprintf(stderr, "unknown option %s\n", words[i]);
      std::exit(2);
    }
  }
  return behaviour;
}

}  // namespace echo::testing
