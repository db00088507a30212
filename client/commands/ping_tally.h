#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "client/commands/ping_figures.h"
#include "client/results/histogram.h"
#include "common/poll.h"

namespace echo {

// What became of the messages of a ping, and the outages among them: an outage begins with a
// message that was not answered and ends with the next answer. It knows no clock. Thread rule: one
// thread, except for the figures.
class PingTally {
 public:
  using WallTime = std::chrono::system_clock::time_point;

  // The number of the message that leaves now.
  std::uint64_t sent() {
    figures_.sent();
    return ++sent_;
  }
  std::uint64_t count() const { return sent_; }
  // The last message has no answer after `age`, and nobody waits for it any more. One that is
  // hardly older than others were when their answer came is left out: false. Another one is lost.
  bool abandoned(std::chrono::nanoseconds age, SteadyTime since, WallTime wall);

  // Returns the outage that it ends, as a text, if there is one.
  std::optional<std::string> echoed(std::chrono::nanoseconds time, SteadyTime now);
  // `since`, at `wall`: when it left.
  void lost(SteadyTime since, WallTime wall, PingLoss cause);
  // The message came back wrong.
  void corrupt() {
    ++corrupt_;
    figures_.lost(PingLoss::wrong_bytes);
  }
  // A byte came behind an answer.
  void unexpected() {
    ++corrupt_;
    figures_.unexpected();
  }
  void skipped(std::uint64_t intervals) {
    skipped_ += intervals;
    figures_.skipped(intervals);
  }
  void connected(std::chrono::nanoseconds time, bool is_again) {
    figures_.connected(time, is_again);
  }

  bool any_lost() const { return lost_ > 0; }
  bool any_corrupt() const { return corrupt_ > 0; }

  // The same for scrapes, which any thread may read.
  const PingFigures& figures() const { return figures_; }

  // Two lines or more. An outage that lasts is as long as until now.
  std::string summary(const std::string& target, SteadyTime now) const;

 private:
  struct Outage {
    SteadyTime since;
    WallTime wall;
    std::chrono::nanoseconds length{0};
    std::uint64_t lost = 0;
  };
  static std::string text(const Outage& outage);

  PingFigures figures_;
  std::uint64_t sent_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t corrupt_ = 0;
  std::uint64_t skipped_ = 0;
  Histogram times_;
  std::uint64_t outages_ = 0;
  std::optional<Outage> present_;
  Outage longest_;
};

}  // namespace echo
