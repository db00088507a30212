// The way of a message: the one place that sends and the one that receives.
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "client/load/connection.h"

namespace echo::load {
namespace {

using Clock = std::chrono::steady_clock;

std::uint64_t message_size(const LoadOptions& options, std::uint64_t connection,
                           std::uint64_t message) {
  const std::uint64_t range = options.largest - options.smallest + 1;
  if (range == 1) return options.smallest;
  return options.smallest + scramble(scramble(options.seed ^ connection) + message) % range;
}

}  // namespace

// Messages begin only while little is unwritten: a message that waits behind megabytes of others
// has not been sent, and its clock must not run as if it had.
bool Connection::may_begin() const {
  const std::uint64_t most = context_.options.messages_per_connection;
  return state_ == State::up && context_.sending && next_ < due_ && !in_flight_.full() &&
         end_ - written_ < context_.buffer.size() && (most == 0 || begun_ < most);
}

void Connection::begin(SteadyTime now) {
  const Schedule& schedule = context_.schedule;
  const SteadyTime intended = schedule.open_loop() ? schedule.due(index_, next_) : now;
  const std::uint64_t size = message_size(context_.options, index_, next_);
  const Message message{next_, end_, end_ + size, intended, now};
  in_flight_.push(message);
  context_.recorder.began(message, free_since_);
  end_ += size;
  ++next_;
  ++begun_;
  --context_.waiting;
}

void Connection::pump(SteadyTime now) {
  if (in_flight_.full() || end_ - written_ >= context_.buffer.size()) free_since_ = now;
  while (may_begin()) begin(now);
  if (written_ < end_ && !send_failed_) write();
}

void Connection::write() {
  const auto chunk = std::span(context_.buffer)
                         .first(std::min<std::uint64_t>(context_.buffer.size(), end_ - written_));
  context_.payload.fill(stream(), written_, chunk);
  const ssize_t count = ::send(socket_.get(), chunk.data(), chunk.size(), MSG_NOSIGNAL);
  if (count >= 0) {
    written_ += static_cast<std::uint64_t>(count);
    context_.recorder.counters.bytes.sent += static_cast<std::uint64_t>(count);
  } else if (errno != EAGAIN && errno != EINTR) {
    // Answers that came before the error can still be read; the read will tell what happened.
    send_failed_ = true;
  }
  want_to_write(written_ < end_ && !send_failed_);
}

// Nothing is owed in either direction: however the connection ends now, nothing is lost.
bool Connection::is_done() const {
  return in_flight_.empty() && (next_ == limit_ || context_.stage == Context::Stage::ending);
}

void Connection::want_to_write(bool wanted) {
  if (wanted == writing_) return;
  writing_ = wanted;
  context_.epoll.change(socket_.get(), wanted ? EPOLLIN | EPOLLOUT : EPOLLIN, this);
}

void Connection::read() {
  std::span<std::byte> buffer(context_.buffer);
  const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0 && is_done()) return abandon();
  if (count < 0) return drop(failure_of(errno));
  if (count == 0) return drop(send_failed_ ? Failure::peer_reset : Failure::peer_closed);
  const SteadyTime now = Clock::now();
  context_.recorder.counters.bytes.received += static_cast<std::uint64_t>(count);
  accept_bytes(buffer.first(static_cast<std::size_t>(count)), now);
}

void Connection::accept_bytes(std::span<const std::byte> bytes, SteadyTime now) {
  const std::size_t asked = std::min<std::uint64_t>(bytes.size(), written_ - received_);
  const auto wrong = context_.payload.first_difference(stream(), received_, bytes.first(asked));
  complete_until(received_ + wrong.value_or(asked), now);
  if (wrong) return wrong_byte(received_, bytes[*wrong]);
  if (asked < bytes.size()) return unasked_byte(bytes[asked]);

  const std::uint64_t most = context_.options.messages_per_connection;
  if (most != 0 && begun_ == most && in_flight_.empty()) return start_anew();
  pump(now);
}

// After as many messages as a connection is to carry.
void Connection::start_anew() {
  if (is_done()) return;
  std::byte extra{};
  if (::recv(socket_.get(), &extra, 1, 0) == 1) return unasked_byte(extra);
  close();
  state_ = State::down;
  connect();
}

void Connection::complete_until(std::uint64_t position, SteadyTime now) {
  received_ = position;
  while (!in_flight_.empty() && in_flight_.front().end <= position) {
    if (in_flight_.full()) free_since_ = now;
    context_.recorder.echoed(in_flight_.front(), now);
    in_flight_.pop();
  }
}

void Connection::wrong_byte(std::uint64_t position, std::byte got) {
  const Message& message = in_flight_.front();
  const std::byte wanted = context_.payload.at(stream(), position);
  context_.recorder.corrupt({index_ + 1, message.number + 1, position - message.begin,
                             message.end - message.begin, std::to_integer<unsigned>(got),
                             std::to_integer<unsigned>(wanted), false});
  --context_.recorder.in_flight;
  in_flight_.pop();
  drop(std::nullopt);
}

void Connection::unasked_byte(std::byte got) {
  context_.recorder.corrupt({index_ + 1, next_, 0, 0, std::to_integer<unsigned>(got), 0, true});
  drop(std::nullopt);
}

void Connection::read_at_the_end() {
  std::byte extra{};
  const ssize_t count = ::recv(socket_.get(), &extra, 1, 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count > 0) {
    context_.recorder.corrupt({index_ + 1, next_, 0, 0, std::to_integer<unsigned>(extra), 0, true});
  }
  abandon();
}

}  // namespace echo::load
