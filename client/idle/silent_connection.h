#pragma once

#include <poll.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "client/idle/finding.h"
#include "client/wire/dialer.h"
#include "client/wire/message_window.h"
#include "client/wire/payload.h"
#include "client/wire/route.h"
#include "common/descriptor.h"
#include "common/poll.h"

namespace echo::idle {

struct Patience {
  std::chrono::nanoseconds connect{0};
  std::chrono::nanoseconds answer{0};
  std::chrono::nanoseconds keepalive{0};  // interval of the probes on this side; 0: none
};

// One connection that connects, exchanges a message so that the path is known to be good, is silent
// for a gap, and speaks again. It never waits: its owner polls wanted() until deadline() and passes
// the time. The gap counts from the moment at which every byte is acknowledged. Thread rule: one
// thread.
class SilentConnection {
 public:
  // Route, options and payload must outlive it; `stream` is its own part of the payload.
  SilentConnection(std::chrono::nanoseconds gap, Route& route, const Patience& patience,
                   const SocketOptions& options, const Payload& payload, std::uint64_t stream);
  SilentConnection(const SilentConnection&) = delete;
  SilentConnection& operator=(const SilentConnection&) = delete;

  void begin(SteadyTime now);
  pollfd wanted() const;
  SteadyTime deadline() const;
  void on_ready(SteadyTime now);
  void on_deadline(SteadyTime now);

  std::chrono::nanoseconds gap() const { return finding_.gap; }
  bool is_over() const { return state_ == State::over; }
  // When it speaks, at the latest if it is not silent yet.
  SteadyTime speaks_at(SteadyTime now) const;
  // REQUIRES: is_over(), or else it is what is known so far.
  const Finding& finding() const { return finding_; }

 private:
  enum class State { connecting, greeting, settling, silent, speaking, over };

  void after_dialing(SteadyTime now);
  void send_message(SteadyTime now);
  void send_rest(SteadyTime now);
  void receive(SteadyTime now);
  void check(std::size_t count, SteadyTime now);
  void settle(SteadyTime now);
  void speak(SteadyTime now);
  void ended(int error, SteadyTime now);
  bool is_half_answered() const;
  std::string half_answer() const;
  void conclude(Verdict verdict, SteadyTime now, std::string note = {});
  void give_up(std::string why);

  const Patience& patience_;
  Route& route_;
  Dialer dialer_;
  MessageWindow window_;
  const std::uint64_t stream_;
  Descriptor socket_;
  State state_ = State::connecting;
  SteadyTime deadline_ = kNever;
  SteadyTime give_up_at_;       // while it settles
  SteadyTime silent_since_;     // the last byte was acknowledged
  std::uint32_t segments_ = 0;  // that had come by then
  Finding finding_;
};

}  // namespace echo::idle
