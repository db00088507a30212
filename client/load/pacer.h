#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "client/load/schedule.h"

namespace echo::load {

// Says which of a generator's connections may send, and when: in an open loop each message has its
// time and the connections take turns; in a closed loop each connection joins in once and then goes
// on by itself. It knows no clock: its owner passes the time. Thread rule: one thread.
class Pacer {
 public:
  // More messages than a connection can send, few enough to be added up over all of them.
  static constexpr std::uint64_t kNoLimit = 10'000'000'000'000;

  Pacer() = default;
  // Paces `count` connections, from number `first` on of the schedule's. With `messages` (0: until
  // the timeline's end) so many of all connections leave from the timeline's measured_from on.
  Pacer(const Schedule& schedule, const Timeline& timeline, std::uint64_t first, std::size_t count,
        std::uint64_t messages);

  // When the next connection may send; kNever when none will any more.
  SteadyTime next() const { return next_; }

  // Lets it send and returns which one it is, from 0. REQUIRES: next() is not kNever.
  std::size_t release();
  // How many messages that is: one, or in a closed loop all that it has time for.
  std::uint64_t messages_per_release() const { return schedule_.open_loop() ? 1 : kNoLimit; }
  std::uint64_t released() const { return released_; }  // connections, so far

  // How many messages of a connection are due by `now` beyond those that were released. Nothing may
  // be released afterwards: stop() follows. REQUIRES: an open loop.
  std::uint64_t owed(std::size_t connection, SteadyTime now) const;
  void stop() { next_ = kNever; }

  // The number that a connection's messages begin with.
  std::uint64_t first_message(std::size_t connection) const { return first_messages_[connection]; }
  // How many messages a connection is to send: in an open loop all that are released, those of the
  // warm-up too, else those to be measured. kNoLimit if the time decides.
  std::uint64_t quota(std::size_t connection) const;

  const Schedule& schedule() const { return schedule_; }
  const Timeline& timeline() const { return timeline_; }

 private:
  void find_next();

  Schedule schedule_;
  Timeline timeline_;
  std::uint64_t first_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t end_number_ = kNoLimit;        // open loop: behind the last message of all
  std::vector<std::uint64_t> first_messages_;  // of each connection
  std::uint64_t round_ = 0;                    // open loop: number of the connections' messages
  std::size_t connection_ = 0;                 // whose turn is next
  SteadyTime next_ = kNever;
  std::uint64_t released_ = 0;
};

}  // namespace echo::load
