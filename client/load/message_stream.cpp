#include "client/load/message_stream.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "client/wire/held_up.h"
#include "client/wire/socket_setup.h"
#include "common/error_text.h"

namespace echo::load {
namespace {

using namespace std::chrono_literals;

}  // namespace

MessageStream::MessageStream(Parts& parts, Watched& owner)
    : parts_(parts), owner_(owner), window_(parts.payload, parts.plan.pipeline) {}

void MessageStream::open(Descriptor socket, bool watched, std::uint64_t stream,
                         SteadyTime free_since) {
  socket_ = std::move(socket);
  if (!parts_.kernel.socket) parts_.kernel.socket = effective_socket(socket_.get());
  if (watched) {
    parts_.epoll.change(socket_.get(), EPOLLIN, &owner_);
  } else {
    parts_.epoll.add(socket_.get(), EPOLLIN, &owner_);
  }
  window_.open(stream);
  watch_ = {};
  begun_ = 0;
  sending_ = {};
  free_since_ = free_since;
}

void MessageStream::finish() {
  look(std::chrono::steady_clock::now(), TcpWatch::Look::last);
  ::shutdown(socket_.get(), SHUT_WR);
}

Descriptor MessageStream::close(bool interrupted) {
  if (socket_) look(std::chrono::steady_clock::now(), TcpWatch::Look::last);
  for (; !window_.empty(); window_.pop()) {
    const Message& message = window_.front();
    const std::uint64_t sent = std::max(window_.bytes_sent(), message.begin);
    const std::uint64_t received = std::max(window_.bytes_received(), message.begin);
    parts_.recorder.partly(message, message.end - std::min(sent, message.end),
                           received - message.begin);
    if (interrupted) {
      parts_.recorder.unanswered(message);
    } else {
      parts_.recorder.lost(message);
    }
  }
  return std::move(socket_);
}

// A message begins only while little is unsent: one that waits behind megabytes of others has not
// been sent, and its clock must not run as if it had.
void MessageStream::begin(std::uint64_t number, std::uint64_t size, SteadyTime intended,
                          SteadyTime now) {
  const SteadyTime slot_free = window_.next_slot().done;
  Message& message = window_.begin(size);
  message.number = number;
  message.intended = intended;
  message.ready = std::max({intended, slot_free, free_since_});
  message.begun = now;
  ++begun_;
  ++sending_.fresh;
}

bool MessageStream::send(SteadyTime now) {
  if (window_.unsent() == 0) return false;
  sending_.resumes = false;
  if (sending_.has_failed) return true;
  if (window_.unsent() >= parts_.buffer.size()) free_since_ = now;
  const auto bytes = window_.fill(parts_.buffer);
  const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count >= 0) {
    sending_.resumes = sending_.waits;
    sending_.place = window_.bytes_sent();
    window_.sent(static_cast<std::uint64_t>(count));
  } else if (!is_transient(errno)) {
    // Answers that came before the error can still be read; receive() learns what happened.
    sending_.has_failed = true;
  }
  want_to_write(window_.unsent() > 0 && !sending_.has_failed);
  return true;
}

// What the socket had no room for may have had it since the loop was told of anything.
void MessageStream::sent(SteadyTime asked, SteadyTime now) {
  if (sending_.resumes) {
    const SteadyTime ready = std::max(sending_.tried, parts_.punctuality.earliest());
    if (const auto late = held_up(ready, now); late > 0ns)
      window_.delay(sending_.place, sending_.fresh, late);
  }
  const auto late = held_up(asked, now);
  for (; sending_.fresh > 0; --sending_.fresh) {
    Message& message = window_.newest(sending_.fresh - 1);
    message.begun += late;
    parts_.recorder.began(message);
  }
  sending_.tried = now;
}

void MessageStream::want_to_write(bool wanted) {
  if (wanted == sending_.waits) return;
  sending_.waits = wanted;
  parts_.epoll.change(socket_.get(), wanted ? EPOLLIN | EPOLLOUT : EPOLLIN, &owner_);
}

MessageStream::Received MessageStream::receive() {
  const ssize_t count = ::recv(socket_.get(), parts_.buffer.data(), parts_.buffer.size(), 0);
  if (count < 0 && is_transient(errno)) return Received::nothing;
  const int error = count < 0 ? errno : 0;
  received_at_ = std::chrono::steady_clock::now();
  if (count <= 0) {
    failure_ = error != 0            ? failure_of(error)
               : sending_.has_failed ? Failure::peer_reset
                                     : Failure::peer_closed;
    return Received::end;
  }
  const auto wrong =
      window_.receive(std::span(parts_.buffer).first(static_cast<std::size_t>(count)));
  take_answers();
  if (!wrong) return Received::answers;
  wrong_ = *wrong;
  return Received::wrong_byte;
}

void MessageStream::take_answers() {
  while (window_.is_front_answered()) {
    Message& message = window_.front();
    const auto answer_time = parts_.punctuality.answer_time(message.begun);
    message.done = message.ready + answer_time;  // late or not: until then its slot was taken
    if (answer_time <= parts_.plan.timeout) {
      parts_.recorder.answered(message, received_at_);
    } else {
      parts_.recorder.failed(Failure::timeout, received_at_);
      parts_.recorder.partly(message, 0, message.size());
      parts_.recorder.timed_out(message);
    }
    answered_at_ = message.done;
    window_.pop();
  }
}

Message MessageStream::take_front() {
  const Message message = window_.front();
  const std::uint64_t received = std::max(window_.bytes_received(), message.begin);
  parts_.recorder.partly(message, message.end - std::min(window_.bytes_sent(), message.end),
                         received - message.begin);
  window_.pop();
  return message;
}

SteadyTime MessageStream::deadline() const {
  return window_.empty() ? kNever : window_.front().begun + parts_.plan.timeout;
}

}  // namespace echo::load
