#include "server/core/workers.h"

#include <chrono>
#include <exception>
#include <string>
#include <utility>

#include "common/logging.h"

namespace echo {
namespace {

using namespace std::chrono_literals;

// Long enough to reuse threads under load, short enough to be back at the baseline 2 s after it.
constexpr auto kParkTime = 1s;

}  // namespace

Workers::Workers(Sessions& sessions, Timers& timers, const SessionLimits& limits,
                 std::size_t stack_size)
    : sessions_(sessions), timers_(timers), stacks_(stack_size), limits_(limits) {}

void Workers::set_limits(const SessionLimits& limits) {
  const std::lock_guard lock(mutex_);
  limits_ = limits;
}

void Workers::stop() {
  std::list<Worker> to_join;
  std::unique_lock lock(mutex_);
  stop_ = true;
  for (Worker& worker : parked_) worker.handed.notify_one();
  all_finished_.wait(lock, [this] { return busy_.empty() && parked_.empty(); });
  to_join.swap(finished_);
  lock.unlock();
}

void Workers::hand_over(Connection& connection) {
  const std::lock_guard handing_over(handing_over_);
  std::unique_lock lock(mutex_);
  if (parked_.empty()) return start_worker(lock, connection);
  Worker& worker = parked_.front();
  busy_.splice(busy_.begin(), parked_, worker.self);
  worker.connection.emplace(std::move(connection));
  worker.limits = limits_;
  // Notified under the lock it would wake up only to wait for it.
  lock.unlock();
  worker.handed.notify_one();
}

void Workers::start_worker(std::unique_lock<std::mutex>& lock, Connection& connection) {
  Worker& worker = busy_.emplace_front();
  worker.self = busy_.begin();
  worker.connection.emplace(std::move(connection));
  worker.limits = limits_;
  const std::string name = "worker-" + std::to_string(++started_);
  lock.unlock();  // making a thread takes long
  try {
    worker.stack = stacks_.take();
    worker.thread.emplace(
        name, [this, &worker] { work(worker); }, worker.stack.memory());
  } catch (...) {
    lock.lock();
    connection = std::move(*worker.connection);
    busy_.erase(worker.self);
    --started_;
    ++failed_;
    throw;
  }
}

void Workers::work(Worker& worker) {
  std::list<Worker> to_join;
  std::unique_lock lock(mutex_, std::defer_lock);
  Admission::Ticket ticket;
  do {
    // The place is free when the worker is: a client that took it before would need a thread more.
    ticket = std::move(worker.connection->ticket);
    serve(std::move(*worker.connection), worker.limits);
    lock.lock();
    worker.connection.reset();
  } while (park(lock, worker, std::move(ticket)));
  // Each thread that ends joins those that ended before it, so that at most one is left over.
  to_join.swap(finished_);
  finished_.splice(finished_.begin(), parked_, worker.self);
  if (busy_.empty() && parked_.empty()) all_finished_.notify_one();
  lock.unlock();
  // The hand-over to one of those may still be about to notify it.
  const std::lock_guard handing_over(handing_over_);
}

void Workers::serve(Connection connection, const SessionLimits& limits) noexcept {
  std::optional<Session> session;
  try {
    session.emplace(std::move(connection), limits, timers_, spin_permits_);
    sessions_.run(*session);
  } catch (const std::exception& error) {
    if (!session) sessions_.count_unserved();
    log_event(Level::err, "session_failed", "a session ended by an exception: {what}",
              {{"what", error.what()}});
  }
}

bool Workers::park(std::unique_lock<std::mutex>& lock, Worker& worker, Admission::Ticket ticket) {
  parked_.splice(parked_.begin(), busy_, worker.self);
  ticket = {};
  if (busy_.empty() && idle_watched_) idle_.signal();
  const bool woken = worker.handed.wait_for(lock, kParkTime,
                                            [&] { return stop_ || worker.connection.has_value(); });
  if (!woken || !worker.connection.has_value()) return false;
  lock.unlock();
  return true;
}

Workers::Counts Workers::counts() const {
  const std::lock_guard lock(mutex_);
  return {.busy = busy_.size(), .parked = parked_.size(), .created = started_, .failed = failed_};
}

int Workers::idle_descriptor() {
  const std::lock_guard lock(mutex_);
  idle_watched_ = true;
  if (busy_.empty()) idle_.signal();
  return idle_.descriptor();
}

}  // namespace echo
