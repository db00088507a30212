#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "client/commands/ping_connector.h"
#include "client/commands/ping_options.h"
#include "client/commands/ping_output.h"
#include "client/commands/ping_schedule.h"
#include "client/commands/ping_tally.h"
#include "client/commands/probe.h"
#include "client/wire/payload.h"
#include "common/epoll.h"

namespace echo {

// What all targets of a ping share.
struct PingParts {
  PingParts(const PingOptions& asked, int interrupt);

  // One target that cannot be reached at the start ends the command. One of several, or one that is
  // watched by its metrics, may come later.
  bool needs_first_connection() const { return options.addresses.size() == 1 && !options.metrics; }

  const PingOptions& options;
  PingOutput output;
  Epoll epoll;
  Payload payload;
  std::uint64_t streams = 0;  // of the payload that are taken
  std::vector<std::byte> buffer = std::vector<std::byte>(64 * 1024);
};

// One server that is pinged: a message at a time over one connection, which is made again if it was
// lost. It never waits: its owner passes the time and what is ready. Owner: Pinger. Thread rule:
// one thread. Peer behaviour is counted and said, never thrown, except that the first connection
// may be needed.
class PingTarget {
 public:
  // What the epoll is told to hand back.
  struct Watch {
    PingTarget* target;
    bool is_resolver;
  };

  // The parts must outlive it. Throws std::exception if the address cannot be one.
  PingTarget(const Address& address, PingParts& parts);
  PingTarget(const PingTarget&) = delete;
  PingTarget& operator=(const PingTarget&) = delete;

  // The first message is due then.
  void begin(SteadyTime first);

  // These throw std::runtime_error if the first connection is needed and cannot be made.
  void on_ready(const Watch& watch, std::uint32_t events);
  // Whatever was ready by `told_until` it has been told of.
  void on_time(SteadyTime now, SteadyTime told_until);
  SteadyTime deadline() const { return deadline_; }

  // Ends it: what is under way is given up, and nothing may come behind the last answer. Called
  // once more it ends at once.
  void stop();
  bool is_over() const { return state_ == State::over; }

  const std::string& name() const { return name_; }
  bool was_connected() const { return signs_.was_connected; }
  bool is_count_reached() const;
  const PingTally& tally() const { return tally_; }
  std::string summary(SteadyTime now) const { return tally_.summary(name_, now); }

 private:
  enum class State { waiting, connecting, exchanging, finishing, over };
  struct Current {  // the message that is under way
    std::uint64_t number = 0;
    SteadyTime start;
    PingTally::WallTime wall;
  };
  struct Signs {
    bool was_connected = false;
    bool was_ready = false;  // since the last on_time()
    bool waits_to_write = false;
  };

  void begin_message(SteadyTime now);
  void follow(PingConnector::State state);
  void connected();
  void announce(std::chrono::nanoseconds connect_time, SteadyTime now);
  void exchange(Probe::Outcome outcome);
  void echoed();
  void lost(PingLoss cause, const std::string& why);
  void abandon();
  void conclude();
  void receive_idle();
  bool report_unexpected();
  void finish();
  void end();
  void watch_socket();
  bool is_needed() const { return parts_.needs_first_connection() && !signs_.was_connected; }
  std::chrono::nanoseconds patience() const;
  std::string peer() const;

  const std::string name_;  // as it may be printed
  PingParts& parts_;
  Watch socket_watch_{this, false};
  Watch resolver_watch_{this, true};
  PingConnector connector_;
  Probe probe_;
  PingTally tally_;
  PingSchedule schedule_;
  State state_ = State::waiting;
  Current current_;
  SteadyTime deadline_ = kNever;
  Signs signs_;
};

}  // namespace echo
