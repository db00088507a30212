#include "client/idle/silent_connection.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include "client/idle/tcp_state.h"
#include "client/wire/held_up.h"
#include "client/wire/socket_setup.h"
#include "common/error_text.h"
#include "common/units.h"

namespace echo::idle {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kMessageSize = 64;
constexpr std::chrono::milliseconds kLook{5};  // nothing reports the last acknowledgement

std::string wrong_text(const WrongByte& wrong) {
  if (wrong.unexpected) {
    return fmt::format("a byte came that was never sent: {:#04x}", wrong.got);
  }
  return fmt::format("byte {} of {} is {:#04x} instead of {:#04x}", wrong.offset, kMessageSize,
                     wrong.got, wrong.wanted);
}

}  // namespace

SilentConnection::SilentConnection(std::chrono::nanoseconds gap, Route& route,
                                   const Patience& patience, const SocketOptions& options,
                                   const Payload& payload, std::uint64_t stream)
    : patience_(patience),
      route_(route),
      dialer_(route, nullptr, patience.connect, &options),
      window_(payload, 1),
      stream_(stream) {
  finding_.gap = gap;
}

void SilentConnection::begin(SteadyTime now) {
  dialer_.dial(now);
  after_dialing(now);
}

pollfd SilentConnection::wanted() const {
  if (state_ == State::over) return {-1, 0, 0};
  if (state_ == State::connecting) return {dialer_.socket(), POLLOUT, 0};
  const short events = window_.unsent() > 0 ? POLLIN | POLLOUT : POLLIN;
  return {socket_.get(), events, 0};
}

SteadyTime SilentConnection::deadline() const {
  return state_ == State::connecting ? dialer_.deadline() : deadline_;
}

SteadyTime SilentConnection::speaks_at(SteadyTime now) const {
  if (state_ == State::silent) return deadline_;
  return state_ == State::speaking ? now : now + finding_.gap;
}

void SilentConnection::on_ready(SteadyTime now) {
  if (state_ == State::connecting) {
    dialer_.on_ready(now);
    return after_dialing(now);
  }
  if (window_.unsent() > 0) send_rest(now);
  if (state_ != State::over) receive(now);
}

void SilentConnection::on_deadline(SteadyTime now) {
  switch (state_) {
    case State::connecting:
      dialer_.on_deadline(now);
      return after_dialing(now);
    case State::greeting:
      return give_up("no answer to the first message within " + duration_text(patience_.answer));
    case State::settling:
      return settle(now);
    case State::silent:
      return speak(now);
    case State::speaking:
      if (is_half_answered()) return give_up(half_answer());
      finding_.acknowledged = all_acknowledged(socket_.get());
      return conclude(Verdict::no_answer, now);
    case State::over:
      break;
  }
}

void SilentConnection::after_dialing(SteadyTime now) {
  if (dialer_.state() == Dialer::State::failed) {
    return give_up("cannot connect: " + route_.tried());
  }
  if (dialer_.state() == Dialer::State::connecting) dialer_.asked(Clock::now());
  if (dialer_.state() != Dialer::State::connected) return;
  socket_ = dialer_.take();
  finding_.socket = effective_socket(socket_.get());
  set_keepalive(socket_.get(), patience_.keepalive, patience_.answer);
  window_.open(stream_);
  state_ = State::greeting;
  send_message(now);
}

void SilentConnection::send_message(SteadyTime now) {
  window_.begin(kMessageSize);
  deadline_ = now + patience_.answer;
  send_rest(now);
  deadline_ += held_up(now, Clock::now());
}

void SilentConnection::send_rest(SteadyTime now) {
  std::array<std::byte, kMessageSize> buffer{};
  const auto bytes = window_.fill(buffer);
  const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count >= 0) {
    window_.sent(static_cast<std::uint64_t>(count));
  } else if (!is_transient(errno)) {
    ended(errno, now);
  }
}

void SilentConnection::receive(SteadyTime now) {
  std::array<std::byte, 2 * kMessageSize> buffer{};
  const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (count < 0 && is_transient(errno)) return;
  if (count <= 0) return ended(count == 0 ? 0 : errno, now);
  const auto bytes = std::span(buffer).first(static_cast<std::size_t>(count));
  if (const auto wrong = window_.receive(bytes)) {
    return conclude(Verdict::wrong_bytes, now, wrong_text(*wrong));
  }
  if (!window_.is_front_answered()) return;
  window_.pop();
  if (state_ == State::speaking) return conclude(Verdict::alive, now);
  state_ = State::settling;
  give_up_at_ = now + patience_.answer;
  acknowledge_now(socket_.get());
  settle(now);
}

void SilentConnection::settle(SteadyTime now) {
  if (!all_acknowledged(socket_.get())) {
    if (now >= give_up_at_) return give_up("the first message was never acknowledged");
    deadline_ = std::min<SteadyTime>(now + kLook, give_up_at_);
    return;
  }
  state_ = State::silent;
  // Not `now`: the acknowledgement may have come since.
  silent_since_ = Clock::now();
  segments_ = segments_received(socket_.get()).value_or(0);
  deadline_ = silent_since_ + finding_.gap;
}

void SilentConnection::speak(SteadyTime now) {
  finding_.silence = now - silent_since_;
  // Probes of ours have answers, which count as segments too.
  if (patience_.keepalive.count() == 0) {
    finding_.segments = segments_received(socket_.get());
    if (finding_.segments) *finding_.segments -= segments_;
  }
  state_ = State::speaking;
  set_user_timeout(socket_.get(), patience_.answer);
  send_message(now);
}

// The end of the stream (0), or an error.
void SilentConnection::ended(int error, SteadyTime now) {
  const bool was_reset = error == ECONNRESET || error == EPIPE;
  if (state_ == State::greeting || state_ == State::settling) {
    return give_up(error == 0 ? "the connection was closed before the silence"
                              : error_text(error) + " before the silence");
  }
  if (is_half_answered()) return give_up(half_answer());
  if (error == 0) return conclude(Verdict::closed, now);
  if (!was_reset) {
    return conclude(Verdict::no_answer, now, error == ETIMEDOUT ? "" : error_text(error));
  }
  conclude(state_ == State::silent ? Verdict::reset : Verdict::reset_on_speaking, now);
}

// The silence cost nothing then, and what did cannot be seen.
bool SilentConnection::is_half_answered() const {
  return state_ == State::speaking && window_.bytes_received() > window_.front().begin;
}

std::string SilentConnection::half_answer() const {
  return fmt::format("only {} of {} bytes of the answer came after the silence",
                     window_.bytes_received() - window_.front().begin, kMessageSize);
}

void SilentConnection::conclude(Verdict verdict, SteadyTime now, std::string note) {
  // Before the silence wrong bytes need none.
  if (state_ >= State::silent) finding_.after = now - silent_since_;
  if (state_ == State::silent) finding_.silence = finding_.after;
  finding_.verdict = verdict;
  finding_.note = std::move(note);
  state_ = State::over;
  socket_.reset();
}

void SilentConnection::give_up(std::string why) {
  finding_.note = std::move(why);
  state_ = State::over;
  socket_.reset();
}

}  // namespace echo::idle
