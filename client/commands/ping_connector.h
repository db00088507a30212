#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "client/commands/ping_figures.h"
#include "client/commands/ping_options.h"
#include "client/wire/dialer.h"
#include "client/wire/resolver.h"
#include "client/wire/route.h"
#include "common/epoll.h"

namespace echo {

// Makes the connections of one target, one after another: resolves its name if it has one, again
// after each failure, and dials address after address. It never waits: its owner passes the time
// and what is ready. Owner: PingTarget. Thread rule: one thread.
class PingConnector {
 public:
  enum class State { idle, resolving, dialing, connected, failed };

  // What the epoll hands back when the socket or the resolver is ready.
  struct Watches {
    void* socket;
    void* resolver;
  };

  // Options and epoll must outlive it. Throws std::exception if the address cannot be one.
  PingConnector(const Address& address, const PingOptions& options, Epoll& epoll,
                const Watches& watches);

  State state() const { return state_; }

  // A new connection. A name is waited for without end if it `has_to_resolve`.
  State begin(SteadyTime now, bool has_to_resolve);
  // The resolver is ready, which it may be in any state.
  State on_resolver();
  // The socket is ready while it dials.
  State on_ready(SteadyTime now);
  // REQUIRES: resolving or dialing, and now >= deadline().
  State on_deadline(SteadyTime now);
  SteadyTime deadline() const { return deadline_; }

  // REQUIRES: connected. The epoll watches the socket for what comes. Idle from now on.
  Dialed take();

  // After a failure. The text for the user is longer if it was to be the first connection.
  PingLoss cause() const { return cause_; }
  std::string why(bool is_first) const;

 private:
  State dial(SteadyTime now);
  State follow(Dialer::State state);
  State unresolved(std::string why);

  const Address address_;
  const PingOptions& options_;
  Epoll& epoll_;
  const Watches watches_;
  Resolver resolver_;
  std::optional<Route> route_;  // once there is an address
  std::optional<Dialer> dialer_;
  State state_ = State::idle;
  SteadyTime deadline_ = kNever;
  std::vector<Endpoint> found_;  // to be tried from the next connection on; empty: as before
  std::string unresolved_ = "its name was not resolved";  // why, while there is no route
  PingLoss cause_ = PingLoss::unresolved;
};

// The name stands for these addresses now. A name that moves for months must not fill the memory:
// once there are many, those that are gone are forgotten. REQUIRES: nobody dials.
void update_route(Route& route, const std::vector<Endpoint>& endpoints);

}  // namespace echo
