#include "server/core/shared_workers.h"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <string>
#include <utility>

namespace echo {

SharedWorkers::Connection::Connection(AcceptedConnection& accepted, const SessionLimits& limits,
                                      Worker& its, TimerThread& timers, SessionRegistry& sessions)
    : worker(its),
      stream(accepted.socket.get()),
      session(std::move(accepted), limits, its.buffer, timers, sessions.stats()),
      entry(sessions, session) {}

// Edge-triggered on TCP: else the kernel asks the socket once more after each event, in vain. A
// receive that does not fill its space has taken all bytes (epoll(7)) but those behind an urgent
// one, and sees no end behind them; so both are to be reported, too. On a unix socket it also stops
// at a descriptor among the bytes.
std::uint32_t SharedWorkers::Connection::reading() const {
  return stream.is_unix() ? EPOLLIN : EPOLLIN | EPOLLRDHUP | EPOLLPRI | EPOLLET;
}

SharedWorkers::SharedWorkers(SessionRegistry& sessions, TimerThread& timers,
                             const SessionLimits& limits, std::size_t count, std::size_t stack_size,
                             std::function<void()> on_failure)
    : SessionDriver(sessions, timers, limits),
      stack_size_(stack_size),
      on_failure_(std::move(on_failure)),
      workers_(count) {}

void SharedWorkers::start() {
  int number = 0;
  for (Worker& worker : workers_) {
    worker.thread.emplace(
        "worker-" + std::to_string(++number), [this, &worker] { run(worker); }, stack_size_);
  }
}

void SharedWorkers::hand_over(AcceptedConnection& accepted) {
  const auto connections = [](const Worker& worker) { return worker.connections.load(); };
  Worker& worker = *std::ranges::min_element(workers_, {}, connections);
  SessionLimits limits;
  {
    const MutexLock lock(mutex_);
    limits = limits_;
  }
  Connections made;
  Connection* connection = nullptr;
  try {
    connection = &made.emplace_front(accepted, limits, worker, timers_, sessions_);
    connection->self = made.begin();
    connection->session.begin();
    const MutexLock lock(mutex_);
    connections_.splice(connections_.begin(), made);
    ++worker.connections;
    // Not its `interest`, which is the worker's by now.
    worker.epoll.add(connection->session.socket(), connection->reading(), connection);
  } catch (const std::exception& error) {
    if (accepted.socket) throw;
    if (connection == nullptr) sessions_.count_unserved();
    if (connection != nullptr && made.empty()) remove(*connection);
    log_.failed(error.what());
  }
}

SessionDriver::Counts SharedWorkers::counts() const {
  const auto busy = static_cast<std::size_t>(std::ranges::count_if(
      workers_, [](const Worker& worker) { return worker.connections.load() > 0; }));
  return {.busy = busy,
          .parked = workers_.size() - busy,
          .threads = workers_.size(),
          .created = workers_.size(),
          .shared = workers_.size()};
}

void SharedWorkers::set_limits(const SessionLimits& limits) {
  SessionDriver::set_limits(limits);
  for (Worker& worker : workers_) worker.wake.signal();
}

void SharedWorkers::stop() {
  MutexLock lock(mutex_);
  stop_ = true;
  lock.unlock();
  for (Worker& worker : workers_) worker.wake.signal();
  for (Worker& worker : workers_) worker.thread.reset();
  lock.lock();
  while (!connections_.empty()) {  // of a worker that has ended by an exception
    Connection& left = connections_.front();
    lock.unlock();
    finish(left);
    remove(left);
    lock.lock();
  }
}

void SharedWorkers::run(Worker& worker) try {
  bool stopping = take_orders(worker);
  while (!stopping || worker.connections.load() > 0) {
    const auto events = wait(worker);
    // The listener has added to it before it added to the epoll: so all of a connection is seen.
    worker.connections.load();
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (i + 1 < events.size()) prefetch(static_cast<Connection*>(events[i + 1].data.ptr));
      if (events[i].data.ptr == nullptr) {
        stopping = take_orders(worker);
      } else {
        auto& connection = *static_cast<Connection*>(events[i].data.ptr);
        count_turn(connection);
        step(connection, events[i].events);
      }
    }
    if (!worker.stalled.empty()) look_at_stalled(worker);
  }
} catch (...) {
  on_failure_();
  throw;
}

// Returns whether it is to stop.
bool SharedWorkers::take_orders(Worker& worker) {
  worker.wake.clear();
  const MutexLock lock(mutex_);
  worker.spin.emplace(spin_permits_, limits_.spin);
  return stop_;
}

std::span<const epoll_event> SharedWorkers::wait(Worker& worker) {
  const auto attempt = [&](bool wait) {
    const SteadyTime now = std::chrono::steady_clock::now();
    if (!wait) return worker.epoll.wait(now, now);
    return worker.epoll.wait(now, worker.stalled.empty() ? kNever : worker.next_look);
  };
  // Nor does trying go on past a look that is due.
  return worker.spin->wait(attempt, [&](const auto& events) {
    if (!events.empty()) return false;
    return worker.stalled.empty() || std::chrono::steady_clock::now() < worker.next_look;
  });
}

// What the next step uses, while this one is made: among thousands of connections each of these
// lines is a cache miss. The first use took 3 % of the time at 1,000 connections, 8 % at 10,000.
void SharedWorkers::prefetch(const Connection* connection) {
  if (connection == nullptr) return;
  __builtin_prefetch(connection, 1);
  __builtin_prefetch(reinterpret_cast<const std::byte*>(connection) + kCacheLine, 1);
}

void SharedWorkers::count_turn(Connection& connection) {
  const std::uint64_t before = std::exchange(connection.turn, ++connection.worker.turns);
  const bool is_new = before == 0;
  connection.worker.spin->served(is_new ? connection.worker.connections.load()
                                        : connection.turn - before);
}

void SharedWorkers::step(Connection& connection, std::uint32_t events) noexcept {
  try {
    const Echo::Next next = connection.session.advance(connection.stream);
    if (next != Echo::Next::end) {
      connection.session.keep_pending();
      return watch(connection, next, events);
    }
    finish(connection);
  } catch (const std::exception& error) {
    leave(connection);
    connection.session.finish();  // with a reset if bytes are lost
    log_.failed(error.what());
  }
  remove(connection);
}

void SharedWorkers::watch(Connection& connection, Echo::Next next, std::uint32_t events) {
  std::uint32_t interest = connection.reading();
  if (next == Echo::Next::send) {
    // EPOLLRDHUP stays: once it was seen it would be reported again and again.
    connection.half_closed = connection.half_closed || (events & EPOLLRDHUP) != 0;
    interest = connection.half_closed ? EPOLLOUT : EPOLLOUT | EPOLLRDHUP;
  }
  // Where an edge was reported, what is left of it is reported only if it is asked for.
  const bool left = next == Echo::Next::again || events != EPOLLIN;
  if (interest == connection.interest && !(left && (interest & EPOLLET) != 0)) return;
  Worker& worker = connection.worker;
  if (interest == EPOLLOUT) {
    if (worker.stalled.empty()) worker.next_look = std::chrono::steady_clock::now() + kEndedLook;
    worker.stalled.push_back(&connection);
  }
  // Before anything can fail, so that remove() knows whether the list has it.
  if (std::exchange(connection.interest, interest) == EPOLLOUT) {
    std::erase(worker.stalled, &connection);
  }
  worker.epoll.change(connection.session.socket(), interest, &connection);
}

void SharedWorkers::look_at_stalled(Worker& worker) {
  const auto now = std::chrono::steady_clock::now();
  if (now < worker.next_look) return;
  worker.next_look = now + kEndedLook;
  // From the back, because a step removes the connection from the list.
  for (std::size_t i = worker.stalled.size(); i-- > 0;) {
    Connection& connection = *worker.stalled[i];
    if (connection.session.is_ended()) step(connection, 0);
  }
}

// Before its socket is closed.
void SharedWorkers::leave(Connection& connection) {
  connection.session.release_ticket();
  // The listener may still be about to return from adding this descriptor.
  { const MutexLock added(mutex_); }
}

void SharedWorkers::finish(Connection& connection) {
  leave(connection);
  close(connection.session, connection.entry);
}

void SharedWorkers::remove(Connection& connection) {
  if (connection.interest == EPOLLOUT) std::erase(connection.worker.stalled, &connection);
  Connections gone;  // destroyed without the lock, which the registry's must not wait for
  const MutexLock lock(mutex_);
  --connection.worker.connections;
  gone.splice(gone.begin(), connections_, connection.self);
  tell_if_idle();
}

}  // namespace echo
