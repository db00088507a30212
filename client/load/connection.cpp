#include "client/load/connection.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace echo::load {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kRetryDelay = std::chrono::milliseconds(100);

int error_of(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

// With the port chosen by connect, which sees the whole connection, each source address has all
// ephemeral ports for each server: ip(7), IP_BIND_ADDRESS_NO_PORT.
bool bind_source(int socket, const Endpoint& source) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  return ::bind(socket, source.data(), static_cast<socklen_t>(source.size())) == 0;
}

}  // namespace

void Connection::connect() {
  endpoint_ = 0;
  try_endpoint();
}

void Connection::try_endpoint() {
  const Endpoint& endpoint = context_.endpoints[endpoint_];
  const int family = endpoint.data()->sa_family;
  socket_ = Descriptor(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_ || (source_ != nullptr && !bind_source(socket_.get(), *source_))) {
    return connect_failed(errno);
  }
  attempt_began_ = Clock::now();
  state_ = State::connecting;
  if (::connect(socket_.get(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0) {
    context_.epoll.add(socket_.get(), EPOLLIN, this);
    return connected(Clock::now());
  }
  if (errno != EINPROGRESS) return connect_failed(errno);
  context_.epoll.add(socket_.get(), EPOLLOUT, this);
}

void Connection::connected(SteadyTime now) {
  const int on = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  Recorder& recorder = context_.recorder;
  recorder.connect.record(now - attempt_began_);
  ++recorder.up;
  if (was_lost_) {
    ++recorder.counters.connections.reconnected;
  } else if (generation_ > 0) {
    ++recorder.counters.connections.churned;
  }
  was_lost_ = false;
  state_ = State::up;
  ++generation_;
  written_ = received_ = end_ = begun_ = 0;
  writing_ = send_failed_ = false;
  free_since_ = now;
  pump(now);
}

void Connection::connect_failed(int error) {
  if (context_.recorder.first_refusal.empty()) {
    tried_ +=
        fmt::format("{}{} ({})", tried_.empty() ? "tried " : ", ",
                    to_text(context_.endpoints[endpoint_]), std::generic_category().message(error));
  }
  socket_ = Descriptor();
  if (++endpoint_ < context_.endpoints.size()) return try_endpoint();
  if (context_.recorder.first_refusal.empty()) context_.recorder.first_refusal = tried_;
  ++context_.recorder.counters.connections.failed;
  context_.recorder.failed(failure_of(error));
  state_ = State::down;
  retry_at_ = Clock::now() + kRetryDelay;
  // Where only the messages are counted nothing else would ever end the run.
  if (limit_ != kNoLimit && Clock::now() - ended_at_ > context_.options.timeout) give_up();
}

void Connection::assign(std::uint64_t index, std::uint64_t first, std::uint64_t limit) {
  index_ = index;
  first_ = next_ = due_ = first;
  limit_ = limit;
}

void Connection::make_due(std::uint64_t count, SteadyTime now) {
  if (state_ == State::over) {
    context_.recorder.counters.messages.unsent += count;
    return;
  }
  due_ += count;
  context_.waiting += count;
  pump(now);
}

void Connection::on_ready(std::uint32_t events) {
  if (state_ == State::connecting) {
    const int error = error_of(socket_.get());
    if (error != 0) return connect_failed(error);
    context_.epoll.change(socket_.get(), EPOLLIN, this);
    return connected(Clock::now());
  }
  if (state_ == State::finishing) return read_at_the_end();
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0 && state_ == State::up) read();
  if ((events & EPOLLOUT) != 0 && state_ == State::up && writing_) pump(Clock::now());
}

void Connection::check_deadlines(SteadyTime now) {
  if (state_ == State::connecting && now - attempt_began_ > context_.options.connect_timeout) {
    connect_failed(ETIMEDOUT);
  } else if (state_ == State::up && !in_flight_.empty() &&
             now - in_flight_.front().begun > context_.options.timeout) {
    context_.recorder.timed_out(in_flight_.front());
    in_flight_.pop();
    drop(Failure::timeout);
  } else if (state_ == State::down && context_.stage == Context::Stage::running &&
             now >= retry_at_) {
    connect();
  }
}

void Connection::give_up() {
  context_.recorder.counters.messages.unsent += due_ - next_;
  context_.waiting -= due_ - next_;
  next_ = due_;
  state_ = State::over;
}

void Connection::drop(std::optional<Failure> failure) {
  Recorder& recorder = context_.recorder;
  const bool too_early = context_.stage == Context::Stage::connecting;
  ++(too_early ? recorder.counters.connections.failed : recorder.counters.connections.lost);
  if (failure) recorder.failed(*failure);
  const bool was_of_use = received_ > 0;
  close();
  if (context_.stage != Context::Stage::running) {
    state_ = State::over;
    return;
  }
  was_lost_ = true;
  state_ = State::down;
  // A server that only accepts and closes must not be hammered.
  retry_at_ = ended_at_ + kRetryDelay;
  if (was_of_use) connect();
}

void Connection::close() {
  for (; !in_flight_.empty(); in_flight_.pop()) context_.recorder.lost(in_flight_.front());
  if (state_ == State::up) --context_.recorder.up;
  if (state_ == State::finishing) --context_.finishing;
  socket_ = Descriptor();
  ended_at_ = Clock::now();
}

void Connection::finish() {
  if (state_ != State::up) return abandon();
  ::shutdown(socket_.get(), SHUT_WR);
  --context_.recorder.up;
  ++context_.finishing;
  state_ = State::finishing;
}

void Connection::abandon() {
  close();
  state_ = State::over;
}

}  // namespace echo::load
