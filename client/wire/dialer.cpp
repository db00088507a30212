#include "client/wire/dialer.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "client/wire/held_up.h"
#include "client/wire/socket_setup.h"
#include "common/connect.h"
#include "common/error_text.h"

namespace echo {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{1};  // with an address while another one remains

// Nothing tells when a unix socket's backlog has room again, so it is tried this often.
constexpr std::chrono::milliseconds kBacklogPause{10};

std::string why(int error, const Endpoint* source) {
  if (source == nullptr) return error_text(error);
  std::string from = to_text(*source);
  from.erase(from.rfind(':'));  // the port is the kernel's choice
  return fmt::format("from {}: {}", from, error_text(error));
}

}  // namespace

Dialer::State Dialer::dial(SteadyTime now) {
  times_.began = now;
  tried_.clear();
  error_ = 0;
  return try_next(now);
}

void Dialer::rest(SteadyTime until) {
  if (state_ == State::idle) {
    times_.began = until;
    error_ = 0;
  }
  state_ = State::resting;
  deadline_ = until;
}

Dialer::State Dialer::try_next(SteadyTime now) {
  while (const auto number = route_.next(tried_)) {
    tried_.push_back(*number);
    const bool is_last = !route_.next(tried_);
    times_.patience =
        now + (is_last ? timeout_ : std::min<std::chrono::nanoseconds>(kPatience, timeout_));
    if (try_one(now) != State::failed) return state_;
  }
  deadline_ = kNever;
  route_.exhausted();
  return state_ = State::failed;
}

Dialer::State Dialer::try_one(SteadyTime now) {
  const Endpoint& endpoint = route_.endpoint(tried_.back());
  times_.tried = now;
  const SteadyTime before = Clock::now();
  ConnectAttempt attempt = start_connect(endpoint, source_, [this](int socket) {
    return options_ == nullptr ? 0 : set_up_socket(socket, *options_);
  });
  socket_ = std::move(attempt.socket);
  is_new_ = true;
  // A unix socket is connected at once, which takes its time too.
  if (attempt.error == 0) return connected(now + (Clock::now() - before));
  if (attempt.error == EINPROGRESS) {
    deadline_ = times_.patience;
    return state_ = State::connecting;
  }
  const bool is_full = attempt.error == EAGAIN && endpoint.data()->sa_family == AF_UNIX;
  if (is_full && now < times_.patience) {
    deadline_ = std::min<SteadyTime>(now + kBacklogPause, times_.patience);
    return state_ = State::waiting;
  }
  attempt_failed(is_full ? ETIMEDOUT : attempt.error, attempt.source_failed);
  return state_ = State::failed;
}

void Dialer::asked(SteadyTime now) {
  const std::chrono::nanoseconds late = held_up(times_.tried, now);
  times_.tried = kNever;
  if (state_ != State::connecting) return;
  times_.began += late;
  deadline_ += late;
}

Dialer::State Dialer::on_ready(SteadyTime now) {
  const int error = connect_error(socket_.get());
  is_new_ = false;
  if (error == 0) return connected(now);
  attempt_failed(error, false);
  return try_next(now);
}

Dialer::State Dialer::on_deadline(SteadyTime now) {
  if (state_ == State::waiting && try_one(now) != State::failed) return state_;
  if (state_ == State::connecting) attempt_failed(ETIMEDOUT, false);
  if (state_ == State::resting) tried_.clear();
  return try_next(now);
}

Dialer::State Dialer::connected(SteadyTime now) {
  times_.connected = now;
  deadline_ = kNever;
  route_.answered(tried_.back());
  return state_ = State::connected;
}

void Dialer::attempt_failed(int error, bool source_failed) {
  error_ = error;
  socket_.reset();
  route_.failed(tried_.back(), why(error, source_failed ? source_ : nullptr));
}

Descriptor Dialer::take() {
  state_ = State::idle;
  return std::move(socket_);
}

Dialed dial_and_wait(Route& route, std::chrono::nanoseconds timeout, int interrupt) {
  const auto now = [] { return Clock::now(); };
  Dialer dialer(route, nullptr, timeout);
  dialer.dial(now());
  while (dialer.state() == Dialer::State::connecting || dialer.state() == Dialer::State::waiting) {
    dialer.asked(now());
    std::array<pollfd, 2> entries{{{dialer.socket(), POLLOUT, 0}, {interrupt, POLLIN, 0}}};
    if (!poll_until(entries, dialer.deadline())) {
      dialer.on_deadline(now());
    } else if (entries[1].revents != 0) {
      return {{}, {}, {}, true};
    } else {
      dialer.on_ready(now());
    }
  }
  if (dialer.state() != Dialer::State::connected) return {};
  const std::string peer = to_text(dialer.peer());
  return {dialer.take(), peer, dialer.connect_time(), false};
}

}  // namespace echo
