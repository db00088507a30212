#include "client/commands/ping_connector.h"

#include <fmt/format.h>

#include <utility>

#include "common/units.h"

namespace echo {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostRemembered = 64;  // addresses that a name has stood for

}  // namespace

PingConnector::PingConnector(const Address& address, const PingOptions& options, Epoll& epoll,
                             const Watches& watches)
    : address_(address), options_(options), epoll_(epoll), watches_(watches), resolver_(address) {
  if (resolver_.is_name()) {
    // By edges: a resolver that has ended must not wake up the loop for ever.
    epoll_.add(resolver_.descriptor(), EPOLLIN | EPOLLET, watches_.resolver);
  } else {
    found_ = endpoints_to_connect(address);
  }
}

PingConnector::State PingConnector::begin(SteadyTime now, bool has_to_resolve) {
  if (route_ || !found_.empty()) return dial(now);
  deadline_ = has_to_resolve ? kNever : now + options_.connect_timeout;
  return resolver_.ask(now) ? state_ = State::resolving : unresolved(unresolved_);
}

PingConnector::State PingConnector::on_resolver() {
  const auto answer = resolver_.take();
  if (!answer) return state_;
  if (!answer->endpoints.empty()) found_ = answer->endpoints;
  if (state_ != State::resolving) return state_;
  return found_.empty() ? unresolved(answer->failure) : dial(Clock::now());
}

PingConnector::State PingConnector::unresolved(std::string why) {
  unresolved_ = std::move(why);
  cause_ = PingLoss::unresolved;
  deadline_ = kNever;
  return state_ = State::failed;
}

PingConnector::State PingConnector::dial(SteadyTime now) {
  if (!route_) {
    route_.emplace(found_);
    dialer_.emplace(*route_, nullptr, options_.connect_timeout, &options_.socket);
  } else if (!found_.empty()) {
    update_route(*route_, found_);
  }
  found_.clear();
  state_ = State::dialing;
  return follow(dialer_->dial(now));
}

PingConnector::State PingConnector::on_ready(SteadyTime now) {
  return follow(dialer_->on_ready(now));
}

PingConnector::State PingConnector::on_deadline(SteadyTime now) {
  if (state_ == State::dialing) return follow(dialer_->on_deadline(now));
  return unresolved("its name was not resolved within " + duration_text(options_.connect_timeout));
}

PingConnector::State PingConnector::follow(Dialer::State state) {
  if (state == Dialer::State::connecting) {
    dialer_->asked(Clock::now());
    epoll_.add(dialer_->socket(), EPOLLOUT, watches_.socket);
  }
  deadline_ = dialer_->deadline();
  if (state == Dialer::State::connected) return state_ = State::connected;
  if (state != Dialer::State::failed) return state_;
  cause_ = loss_of(failure_of(dialer_->error()));
  resolver_.ask(Clock::now());  // the name may stand for another address by now
  return state_ = State::failed;
}

Dialed PingConnector::take() {
  const bool is_new = dialer_->is_new();
  Dialed made{dialer_->take(), to_text(dialer_->peer()), dialer_->connect_time(), false};
  if (is_new) {
    epoll_.add(made.socket.get(), EPOLLIN, watches_.socket);
  } else {
    epoll_.change(made.socket.get(), EPOLLIN, watches_.socket);
  }
  state_ = State::idle;
  return made;
}

std::string PingConnector::why(bool is_first) const {
  if (!route_) return unresolved_;
  if (!is_first) return "cannot connect: " + route_->tried();
  return fmt::format("cannot connect to {}: {}", address_.text(), route_->tried());
}

void update_route(Route& route, const std::vector<Endpoint>& endpoints) {
  if (route.uses().size() < kMostRemembered) {
    route.replace(endpoints);
  } else {
    route = Route(endpoints);
  }
}

}  // namespace echo
