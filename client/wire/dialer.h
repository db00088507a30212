#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "client/wire/route.h"
#include "common/descriptor.h"
#include "common/poll.h"
#include "common/socket_options.h"

namespace echo {

// Makes one connection: tries the addresses of a route one after another, each for at most a second
// while another one remains and the last one for the whole timeout. It never waits: its owner polls
// the socket for writing and passes the time. Thread rule: one thread.
class Dialer {
 public:
  enum class State {
    idle,
    connecting,  // there is a new socket to poll, until the deadline
    waiting,     // the backlog of a unix socket is full: nothing to do until the deadline
    connected,   // the socket waits to be taken
    failed,      // no address answered
    resting,     // there is nothing to do until the deadline
  };

  // All of these must outlive it. A source or options of null: the kernel chooses.
  Dialer(Route& route, const Endpoint* source, std::chrono::nanoseconds timeout,
         const SocketOptions* options = nullptr)
      : route_(route), source_(source), timeout_(timeout), options_(options) {}

  State state() const { return state_; }

  // Begins with the first address. The time to connect counts from now, whatever has to be tried.
  State dial(SteadyTime now);

  // Lets the server rest, then dials. After a failure the time counts on, else from then.
  void rest(SteadyTime until);

  // The socket is writable.
  State on_ready(SteadyTime now);
  // The time has come: REQUIRES now >= deadline().
  State on_deadline(SteadyTime now);

  // The clock once more, when dial() or another call has returned: a server that was asked late, as
  // echoc was stopped, has its time from then on.
  void asked(SteadyTime now);

  int socket() const { return socket_.get(); }
  bool is_new() const {
    return is_new_;
  }  // the socket: it was not ready before, so nobody polls it
  SteadyTime deadline() const { return deadline_; }  // kNever if there is none

  // REQUIRES: connected. Idle from now on.
  Descriptor take();
  std::chrono::nanoseconds connect_time() const { return times_.connected - times_.began; }
  const Endpoint& peer() const { return route_.endpoint(tried_.back()); }

  // The errno of the last address that failed since dial(); 0 if none has.
  int error() const { return error_; }

 private:
  struct Times {
    SteadyTime began;
    SteadyTime connected;
    SteadyTime patience;  // with the address that is being tried
    SteadyTime tried;     // that address; kNever once it is asked
  };

  State try_next(SteadyTime now);
  State try_one(SteadyTime now);
  State connected(SteadyTime now);
  void attempt_failed(int error, bool source_failed);

  Route& route_;
  const Endpoint* const source_;
  const std::chrono::nanoseconds timeout_;
  const SocketOptions* const options_;
  State state_ = State::idle;
  Descriptor socket_;
  std::vector<std::size_t> tried_;  // the numbers of the addresses of this round, in the route
  Times times_;
  SteadyTime deadline_ = kNever;
  bool is_new_ = false;
  int error_ = 0;
};

// A connected socket, or none.
struct Dialed {
  Descriptor socket;
  std::string peer;  // the address that answered
  std::chrono::nanoseconds connect_time{0};
  bool interrupted = false;

  explicit operator bool() const { return static_cast<bool>(socket); }
};

// Dials and waits for the outcome. Ends early, without a socket, when `interrupt` (a descriptor, -1
// for none) becomes readable.
Dialed dial_and_wait(Route& route, std::chrono::nanoseconds timeout, int interrupt);

}  // namespace echo
