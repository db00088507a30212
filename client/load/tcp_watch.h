#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "client/load/recorder.h"
#include "common/poll.h"

namespace echo::load {

// Asks the kernel about one connection, and tells the recorder what is new.
// Thread rule: its generator's thread.
class TcpWatch {
 public:
  // What is new at a `baseline` happened before the measuring. After the `last` look nothing
  // counts.
  enum class Look { baseline, interval, last };
  void look(int socket, Recorder& recorder, SteadyTime now, Look how);

 private:
  std::uint64_t retransmissions_ = 0;  // that were seen
  bool is_counted_ = false;            // the connection
  bool is_affected_ = false;
  bool is_over_ = false;
};

// When to look at which connections: at all of them shortly before an interval ends, but only at a
// few at a time, so that no message waits for it, and with at most a twentieth of the time.
class TcpSweep {
 public:
  static constexpr std::size_t kAtOnce = 8;

  // The first one, a baseline, is at `measured_from`.
  void begin(SteadyTime measured_from, std::chrono::nanoseconds interval, std::size_t connections);
  void stop() { due_ = kNever; }

  // When there is something to look at.
  SteadyTime due() const { return due_; }
  // Looks at a few connections, if it is time: calls look(number, how) for each.
  template <typename Look>
  void turn(SteadyTime now, Look look) {
    if (now < due_) return;
    const std::size_t end = std::min(next_ + kAtOnce, connections_);
    if (next_ == 0) began_ = now;
    for (; next_ < end; ++next_) look(next_, how_);
    if (next_ == connections_) plan_next(now);
  }

 private:
  void plan_next(SteadyTime now);

  std::size_t connections_ = 0;
  std::chrono::nanoseconds interval_{0};
  SteadyTime boundary_;
  SteadyTime due_ = kNever;
  SteadyTime began_;
  std::size_t next_ = 0;
  TcpWatch::Look how_ = TcpWatch::Look::baseline;
};

}  // namespace echo::load
