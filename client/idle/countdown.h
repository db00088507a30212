#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "common/poll.h"

namespace echo::idle {

// What there is to wait for.
struct Waiting {
  std::size_t connections = 0;
  std::size_t step = 0;              // of a search; 0: there is none
  std::chrono::nanoseconds next{0};  // until the next one speaks
  std::chrono::nanoseconds most{0};  // until the last one has its answer, at most
};

// In at most 78 columns.
std::string countdown_line(const Waiting& waiting);

// One line on standard error that is written over once per second; nothing if that is not a
// terminal. A terminal that takes nothing costs the line. Thread rule: one thread.
class Countdown {
 public:
  Countdown();
  Countdown(const Countdown&) = delete;
  Countdown& operator=(const Countdown&) = delete;
  ~Countdown();  // takes the line away

  // When the next line is due: kNever without a terminal.
  SteadyTime due() const { return due_; }
  void show(const Waiting& waiting, SteadyTime now);

 private:
  SteadyTime due_ = kNever;
  std::size_t shown_ = 0;  // columns of the line that stands there
};

}  // namespace echo::idle
