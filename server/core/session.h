#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "common/address.h"
#include "common/close_cause.h"
#include "common/descriptor.h"
#include "common/timer.h"
#include "server/core/admission.h"
#include "server/core/echo.h"
#include "server/core/spin.h"

namespace echo {

class Stats;

// An accepted connection on its way to a worker.
struct Connection {
  std::uint64_t number = 0;  // the N of "client N"
  Descriptor socket;
  std::string peer;  // its address as text
  Admission::Ticket ticket{};
  std::chrono::steady_clock::time_point accepted = std::chrono::steady_clock::now();
};

// How long a session bears what; 0 is for ever.
struct SessionLimits {
  std::chrono::nanoseconds idle_timeout{};   // no byte either way
  std::chrono::nanoseconds write_timeout{};  // a peer that takes none of the bytes there are for it
  std::chrono::nanoseconds max_lifetime{};
  std::chrono::nanoseconds spin{};  // to try before blocking; 0 is never
};

// How the end of a connection reads in the log, that of a refused one too.
inline constexpr std::string_view kClosedText =
    "client {client} closed: {cause}, in={in} out={out}, lasted {lasted_s:.3f} s";

// One connection from hand-over to close: drives its Echo, keeps its idle Timer, says why it ended.
// Owner: the worker that runs it, the only thread that closes the socket. Other threads may only
// shut it down, under mutex_ and while it is open: a closed descriptor may be somebody else's.
class Session {
 public:
  using Clock = std::chrono::steady_clock;

  Session(Connection connection, const SessionLimits& limits, Timers& timers, SpinPermits& permits);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Echoes until the connection ends, closes it and returns why. How long the client had to wait
  // goes to the stats, how it ended is left to the caller.
  CloseCause run(Stats& stats);

  // Any thread: what was received is still echoed, then FIN. Bytes that arrive later meet a reset.
  void drain();

  // Any thread: ends the connection at once with a reset; false if it had already ended.
  bool reset();

  // Any thread.
  std::uint64_t number() const { return connection_.number; }
  std::uint64_t received() const { return echo_.received(); }
  std::uint64_t sent() const { return echo_.sent(); }
  bool silent_since(Clock::time_point when) const;

 private:
  // What lies in the kernel's queues; when it changes, bytes flow although no call returns.
  struct Queues {
    int unread = 0;
    int unsent = 0;
    bool operator==(const Queues&) const = default;
  };

  void echo_until_end(Stats& stats);
  void prepare_socket() const;
  void limit_silence(bool streaming) const;
  bool wait_until_writable();
  void close_when_idle();
  void end_lifetime();
  void close();
  void log_closed() const;
  void progress() { last_progress_.store(Clock::now(), std::memory_order_relaxed); }
  Queues queues() const;

  Connection connection_;
  const SessionLimits limits_;
  const Clock::time_point started_ = Clock::now();
  Echo echo_;
  Spin spin_;  // the worker's alone
  std::atomic<Clock::time_point> last_progress_{started_};

  std::mutex mutex_;  // guards the next three and every use of the socket by other threads
  bool open_ = true;
  bool abort_ = false;  // close with a reset
  CloseCause cause_ = CloseCause::none;

  Queues queues_seen_;  // touched by the timers' thread alone

  // Last: their callbacks use all of the above.
  std::optional<Timer> idle_timer_;
  std::optional<Timer> lifetime_timer_;
};

}  // namespace echo
