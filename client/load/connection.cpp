#include "client/load/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "common/error_text.h"

namespace echo::load {
namespace {

using Clock = std::chrono::steady_clock;

// A server that refuses, or only accepts and closes, must not be hammered.
constexpr auto kRetryDelay = std::chrono::milliseconds(100);

}  // namespace

Connection::Connection(Parts& parts, const Endpoint* source)
    : parts_(parts),
      dialer_(parts.route, source, parts.plan.connect_timeout, &parts.plan.socket),
      messages_(parts, *this) {}

void Connection::connect(SteadyTime now) {
  state_ = State::dialing;
  follow(dialer_.dial(now), now);
}

void Connection::follow(Dialer::State state, SteadyTime now) {
  if (state == Dialer::State::connected) return connected(now);
  if (state == Dialer::State::failed) return dial_failed(now);
  if (state == Dialer::State::connecting) {
    dialer_.asked(Clock::now());
    parts_.epoll.add(dialer_.socket(), EPOLLOUT, static_cast<Watched*>(this));
  }
  parts_.alarm.set_if_earlier(dialer_.deadline());
}

void Connection::connected(SteadyTime now) {
  parts_.recorder.connected(why_, dialer_.connect_time(), now);
  state_ = State::up;
  up_since_ = now;
  ++times_connected_;
  const bool watched = !dialer_.is_new();
  // One that replaces another is late by what echoc was late in seeing the last answer.
  const bool replaces = why_ == Recorder::Made::by_plan;
  const SteadyTime free_since =
      replaces ? std::min(now, messages_.answered_at() + dialer_.connect_time()) : now;
  messages_.open(dialer_.take(), watched, stream(), free_since);
  pump(now);
}

void Connection::dial_failed(SteadyTime now) {
  parts_.recorder.failed(failure_of(dialer_.error()), now);
  if (mode_ == Mode::starting) {
    parts_.recorder.not_connected(why_, now);
    state_ = State::over;
  } else {
    retry(now);
  }
}

void Connection::retry(SteadyTime now) {
  state_ = State::dialing;
  if (!useless_since_) useless_since_ = now;
  // Where only the messages are counted nothing else would ever end the run.
  if (parts_.plan.count != 0 && now - *useless_since_ > parts_.plan.timeout) return give_up(now);
  dialer_.rest(now + kRetryDelay);
  parts_.alarm.set_if_earlier(dialer_.deadline());
}

void Connection::give_up(SteadyTime now) {
  parts_.recorder.not_connected(why_, now);
  stop_sending(false, now);
  state_ = State::over;
}

void Connection::assign(std::uint64_t index, std::uint64_t first, std::uint64_t quota) {
  numbers_ = {index, first, first, quota};
  // No two connections send the same bytes, or answers that are crossed would pass.
  messages_.set_stream(stream());
}

SteadyTime Connection::release(std::uint64_t count, SteadyTime now) {
  numbers_.due += count;
  if (state_ != State::over) return pump(now);
  stop_sending(false, now);
  return now;
}

// The clock is read behind the send too: echoc may have been stopped since `now`.
SteadyTime Connection::pump(SteadyTime now) {
  while (may_begin()) begin(now);
  if (!messages_.send(now)) return now;
  const SteadyTime sent_at = Clock::now();
  messages_.sent(now, sent_at);
  return sent_at;
}

bool Connection::may_begin() const {
  const std::uint64_t most = parts_.plan.messages_per_connection;
  return state_ == State::up && mode_ == Mode::running && numbers_.next < numbers_.due &&
         numbers_.quota > 0 && messages_.has_room() && (most == 0 || messages_.begun() < most);
}

void Connection::begin(SteadyTime now) {
  // As long as nothing was asked of it, it was not useless.
  if (useless_since_ && messages_.begun() == 0) *useless_since_ += now - up_since_;
  const SteadyTime intended =
      parts_.schedule.open_loop() ? parts_.schedule.due(numbers_.index, numbers_.next) : now;
  const std::uint64_t size =
      parts_.payload.size(numbers_.index, numbers_.next, parts_.plan.smallest, parts_.plan.largest);
  messages_.begin(numbers_.next, size, intended, now);
  ++numbers_.next;
  if (parts_.schedule.open_loop() || parts_.recorder.is_measured(intended)) --numbers_.quota;
}

void Connection::on_ready(std::uint32_t events) {
  if (state_ == State::dialing) {
    const SteadyTime now = Clock::now();
    return follow(dialer_.on_ready(now), now);
  }
  if (state_ == State::finishing) return look_behind_the_end();
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0 && state_ == State::up) receive();
  if ((events & EPOLLOUT) != 0 && state_ == State::up && messages_.is_writing()) pump(Clock::now());
}

void Connection::receive() {
  const MessageStream::Received received = messages_.receive();
  const SteadyTime now = messages_.received_at();
  switch (received) {
    case MessageStream::Received::nothing:
      return;
    case MessageStream::Received::end:
      // Where nothing is owed in either direction nothing is lost, however it ends.
      return is_done() ? abandon() : drop(messages_.failure(), now);
    case MessageStream::Received::wrong_byte:
      count_wrong_byte(now);
      return drop(std::nullopt, now);
    case MessageStream::Received::answers:
      break;
  }
  const std::uint64_t most = parts_.plan.messages_per_connection;
  if (most != 0 && messages_.begun() == most && messages_.is_empty()) return replace(now);
  pump(now);
}

// After as many messages as a connection is to carry. The next one is made at once, while a byte
// that should not come may still come on this one.
void Connection::replace(SteadyTime now) {
  if (is_done()) return;
  was_answered_ = true;
  useless_since_.reset();
  parts_.recorder.closed();
  parts_.trailing.watch(messages_.close(false), numbers_.index + 1, numbers_.next, now);
  why_ = Recorder::Made::by_plan;
  connect(now);
}

void Connection::count_wrong_byte(SteadyTime now) {
  was_answered_ = true;
  const WrongByte& wrong = messages_.wrong_byte();
  const auto got = std::to_integer<unsigned>(wrong.got);
  if (wrong.unexpected) {
    return parts_.recorder.unexpected({numbers_.index + 1, numbers_.next, 0, 0, got, 0, true}, now);
  }
  const Message message = messages_.take_front();
  parts_.recorder.corrupt(
      message, {numbers_.index + 1, message.number + 1, wrong.offset, message.size(), got,
                std::to_integer<unsigned>(wrong.wanted), false});
}

SteadyTime Connection::deadline() const {
  if (state_ == State::up) return messages_.deadline();
  return state_ == State::dialing && mode_ != Mode::ending ? dialer_.deadline() : kNever;
}

void Connection::check(SteadyTime now, SteadyTime told_until) {
  if (state_ == State::dialing) {
    const bool is_asked = dialer_.state() == Dialer::State::connecting;
    const bool is_over = is_asked ? told_until > deadline() : now >= deadline();
    if (is_over) follow(dialer_.on_deadline(now), now);
  } else if (told_until > deadline()) {
    parts_.recorder.timed_out(messages_.take_front());
    drop(Failure::timeout, now);
  }
}

void Connection::drop(std::optional<Failure> failure, SteadyTime now) {
  if (mode_ == Mode::starting) {
    if (failure) parts_.recorder.failed(*failure, now);
    parts_.recorder.not_connected(why_, now);
  } else {
    parts_.recorder.lost_connection(failure, now);
  }
  const bool was_of_use = messages_.was_of_use();
  // Each message has its chance: a silent server is not given up, nor one that was asked for
  // nothing.
  if (was_of_use || failure == Failure::timeout || messages_.begun() == 0) useless_since_.reset();
  close(false);
  why_ = Recorder::Made::again;
  if (mode_ != Mode::running) {
    state_ = State::over;
  } else if (was_of_use) {
    connect(now);
  } else {
    retry(now);
  }
}

void Connection::close(bool interrupted) {
  was_answered_ = was_answered_ || messages_.was_of_use();
  if (state_ == State::up || state_ == State::finishing) parts_.recorder.closed();
  messages_.close(interrupted);
}

void Connection::stop_sending(bool interrupted, SteadyTime now) {
  mode_ = Mode::ending;
  if (parts_.schedule.open_loop()) {
    leave_unsent();
  } else if (parts_.plan.count != 0 && !interrupted) {
    parts_.recorder.unsent(numbers_.quota, now);
    numbers_.quota = 0;
  }
}

// An interval at a time: of a rate that nothing could keep there are billions.
void Connection::leave_unsent() {
  const Schedule& schedule = parts_.schedule;
  while (numbers_.next < numbers_.due) {
    const SteadyTime due = schedule.due(numbers_.index, numbers_.next);
    const SteadyTime until = parts_.recorder.counts_alike_until(due);
    std::uint64_t end = numbers_.due;
    if (until != kNever) {
      end = std::min(end, schedule.first_message(numbers_.index, schedule.first_number(until)));
    }
    parts_.recorder.unsent(end - numbers_.next, due);
    numbers_.next = end;
  }
}

void Connection::finish() {
  if (state_ != State::up || !messages_.is_empty()) return abandon();
  messages_.finish();
  state_ = State::finishing;
}

void Connection::look_behind_the_end() {
  std::byte extra{};
  const ssize_t count = ::recv(messages_.socket(), &extra, 1, 0);
  if (count < 0 && is_transient(errno)) return;
  if (count > 0) {
    parts_.recorder.unexpected(
        {numbers_.index + 1, numbers_.next, 0, 0, std::to_integer<unsigned>(extra), 0, true},
        Clock::now());
  }
  abandon();
}

void Connection::abandon() {
  const bool is_missing = state_ == State::dialing && why_ == Recorder::Made::by_plan;
  if (is_missing && dialer_.error() != 0) parts_.recorder.not_connected(why_, Clock::now());
  close(true);  // nobody waits for an answer any more unless the run was interrupted
  state_ = State::over;
}

bool Connection::was_silent() const {
  const bool was_asked = messages_.begun() > 0 || times_connected_ > 1;
  return was_asked && !was_answered_;
}

}  // namespace echo::load
