#include "server/core/workers.h"

#include <exception>
#include <string>
#include <utility>

#include "common/logging.h"

namespace echo {
namespace {

using namespace std::chrono_literals;

// Long enough to reuse threads under load, short enough to be back at the baseline 2 s after it.
constexpr auto kParkTime = 1s;
// A limit on threads that others share may leave room at any time.
constexpr auto kRetry = 100ms;

}  // namespace

Workers::Workers(SessionRegistry& sessions, TimerThread& timers, const SessionLimits& limits,
                 std::size_t stack_size)
    : SessionDriver(sessions, timers, limits),
      stacks_(stack_size),
      retry_(timers, kRetry, [this] { retry(); }) {}

void Workers::stop() {
  retry_.cancel();
  MutexLock lock(mutex_);
  stop_ = true;
  if (waiting_) sessions_.count_unserved();
  waiting_.reset();
  for (Worker& worker : parked_) worker.handed.notify_one();
  while (!nobody_serves() || !parked_.empty()) all_finished_.wait(lock);
  while (join_finished(lock)) {
  }
}

void Workers::hand_over(AcceptedConnection& connection) {
  MutexLock lock(mutex_);
  do {
    if (Worker* worker = give_to_free_worker(connection)) {
      // Otherwise the worker wakes up only to block on the mutex: an eighth of a short connection.
      notifying_.store(true);
      lock.unlock();
      worker->handed.notify_one();
      notifying_.store(false);
      return notifying_.notify_all();
    }
  } while (join_finished(lock));
  try {
    start_worker(connection);
  } catch (const std::exception& error) {
    if (busy_.empty() || waiting_) throw;
    const std::uint64_t client = connection.number;
    keep_waiting(connection);
    tell_of_wait(client, error.what());
  }
}

// The worker still has to be notified.
Workers::Worker* Workers::give_to_free_worker(AcceptedConnection& connection) {
  std::list<Worker>& free = parked_.empty() ? finishing_ : parked_;
  if (free.empty()) return nullptr;
  Worker& worker = free.front();
  busy_.splice(busy_.begin(), free, worker.self);
  give(worker, connection);
  worker.connection->ticket.set_waits(false);
  return &worker;
}

void Workers::give(Worker& worker, AcceptedConnection& connection) {
  worker.connection.emplace(std::move(connection));
  worker.limits = limits_;
}

// Under the lock, so that the thread is whole before anybody can join it.
void Workers::start_worker(AcceptedConnection& connection) {
  Worker& worker = busy_.emplace_front();
  worker.self = busy_.begin();
  give(worker, connection);
  try {
    worker.stack = stacks_.take();
    worker.thread.emplace(
        "worker-" + std::to_string(started_ + 1), [this, &worker] { work(worker); },
        worker.stack.memory());
  } catch (...) {
    connection = std::move(*worker.connection);
    busy_.pop_front();
    ++failed_;
    throw;
  }
  // Not before: room that is told and gone at once would have the next client refused.
  worker.connection->ticket.set_waits(false);
  ++started_;
  ++threads_;
}

void Workers::keep_waiting(AcceptedConnection& connection) {
  waiting_.emplace(std::move(connection));
  waiting_->ticket.set_waits(true);
  retry_.start();
}

void Workers::tell_of_wait(std::uint64_t client, std::string_view why) noexcept try {
  const auto suppressed = no_thread_log_.allow();
  if (!suppressed) return;
  log_event(Level::warn, "no_thread",
            with_suppressed("{why}; client {client} waits for one", *suppressed),
            {{"why", std::string(why)}, {"client", client}, {"suppressed", *suppressed}});
} catch (const std::exception&) {  // no memory for the line
}

void Workers::retry() {
  MutexLock lock(mutex_);
  while (join_finished(lock)) {
  }
  if (!waiting_) return;
  AcceptedConnection connection = *std::exchange(waiting_, std::nullopt);
  try {
    Worker* worker = give_to_free_worker(connection);
    if (worker == nullptr) return start_worker(connection);
    worker->handed.notify_one();
  } catch (const std::exception&) {
    keep_waiting(connection);
  }
}

// Returns whether it had to wait, and so to release the lock.
bool Workers::join_finished(MutexLock& lock) {
  if (!finished_.empty()) {
    std::list<Worker> ended;
    ended.swap(finished_);
    join(ended);
    return true;
  }
  if (joining_ == 0) return false;
  joined_.wait(lock);
  return true;
}

void Workers::join(std::list<Worker>& ended) {
  const std::size_t count = ended.size();
  ++joining_;
  mutex_.unlock();
  notifying_.wait(true);  // one of them could be the one that is notified
  ended.clear();
  mutex_.lock();
  --joining_;
  threads_ -= count;
  joined_.notify_all();
}

void Workers::work(Worker& worker) {
  MutexLock lock(mutex_);
  do {
    AcceptedConnection connection = std::move(*worker.connection);
    worker.connection.reset();
    const SessionLimits limits = worker.limits;
    lock.unlock();
    serve(worker, std::move(connection), limits);
    lock.lock();
  } while (park(lock, worker));
  // Each thread that ends joins those that ended before it, so that at most one is left over.
  std::list<Worker> before_it;
  before_it.swap(finished_);
  finished_.splice(finished_.begin(), parked_, worker.self);
  if (nobody_serves() && parked_.empty()) all_finished_.notify_one();
  if (!before_it.empty()) join(before_it);
}

void Workers::serve(Worker& worker, AcceptedConnection connection,
                    const SessionLimits& limits) noexcept {
  Admission::Ticket ticket = std::move(connection.ticket);
  bool entered = false;
  bool left = false;
  try {
    Buffer buffer;
    Session session(std::move(connection), limits, buffer, timers_, sessions_.stats());
    SessionRegistry::Entry entry(sessions_, session);
    entered = true;
    drive(session, limits.spin);
    leave(worker, ticket);
    left = true;
    close(session, entry);
  } catch (const std::exception& error) {
    if (!entered) sessions_.count_unserved();
    log_.failed(error.what());
  }
  if (!left) leave(worker, ticket);
}

void Workers::drive(Session& session, std::chrono::nanoseconds spin) {
  session.begin();
  WaitingStream stream(session.socket(), spin_permits_, spin);
  for (;;) {
    const Echo::Next next = session.advance(stream);
    if (next == Echo::Next::end) return;
    if (next == Echo::Next::send) stream.wait_for_room(session.is_ended());
  }
}

// In this order, so that whoever gets the place finds this worker, and needs no thread more.
void Workers::leave(Worker& worker, Admission::Ticket& ticket) {
  {
    const MutexLock lock(mutex_);
    finishing_.splice(finishing_.begin(), busy_, worker.self);
  }
  ticket.release();
}

bool Workers::park(MutexLock& lock, Worker& worker) {
  if (worker.connection) return true;
  if (waiting_) {
    busy_.splice(busy_.begin(), finishing_, worker.self);
    give(worker, *waiting_);
    waiting_.reset();
    worker.connection->ticket.set_waits(false);
    return true;
  }
  parked_.splice(parked_.begin(), finishing_, worker.self);
  tell_if_idle();
  const auto deadline = std::chrono::steady_clock::now() + kParkTime;
  while (!stop_ && !worker.connection && worker.handed.wait_until(lock, deadline)) {
  }
  return worker.connection.has_value();
}

Workers::Counts Workers::counts() const {
  const MutexLock lock(mutex_);
  return {.busy = busy_.size() + finishing_.size(),
          .parked = parked_.size(),
          .threads = threads_,
          .created = started_,
          .failed = failed_};
}

}  // namespace echo
