#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <span>
#include <vector>

#include "common/epoll.h"
#include "common/thread.h"
#include "server/core/session_driver.h"
#include "server/core/socket_stream.h"

namespace echo {

// Worker threads that serve many connections each: one epoll and one large buffer per thread, and
// the same Session::advance as a thread per connection, one step per event. The listener adds a
// connection to the epoll of the worker with the fewest, which needs no queue and no wake-up.
// Only its worker ends a connection, and only while it handles that connection's own event or
// between two batches: no event of a batch can refer to a session that is gone.
// Thread rule: as SessionDriver.
class SharedWorkers final : public SessionDriver {
 public:
  // `on_failure` is called by a worker while it handles the exception that ends it.
  SharedWorkers(SessionRegistry& sessions, TimerThread& timers, const SessionLimits& limits,
                std::size_t count, std::size_t stack_size, std::function<void()> on_failure);
  ~SharedWorkers() override { stop(); }

  void start() override;
  void hand_over(AcceptedConnection& accepted) override;
  Counts counts() const override;
  void set_limits(const SessionLimits& limits) override;
  void stop() override;

 private:
  static constexpr std::size_t kCacheLine = 64;
  struct Worker;

  // What only its worker uses once the listener has handed it over.
  struct alignas(kCacheLine) Connection {
    Connection(AcceptedConnection& accepted, const SessionLimits& limits, Worker& its,
               TimerThread& timers, SessionRegistry& sessions);

    // What is to be reported while the next step waits for bytes.
    std::uint32_t reading() const;

    // Together with the first lines of the session all that a step uses.
    Worker& worker;
    std::uint64_t turn = 0;  // of the worker's, when this one was last served; 0: never
    SocketStream stream;
    std::uint32_t interest = reading();
    bool half_closed = false;  // seen while it waited for room
    Session session;
    SessionRegistry::Entry entry;
    std::list<Connection>::iterator self;
  };
  using Connections = std::list<Connection>;

  // What only its thread uses, unless it says otherwise.
  struct Worker {
    Worker() { epoll.add(wake.descriptor(), EPOLLIN, nullptr); }

    Epoll epoll;                              // the listener adds
    WakeEvent wake;                           // any thread: new limits, or it is to stop
    std::atomic<std::size_t> connections{0};  // changed under mutex_
    Buffer buffer{Buffer::Shared{}};
    std::optional<Spin> spin;
    std::uint64_t turns = 0;  // how often it has served any connection
    // Those that wait for room and whose shutdown is no event any more.
    std::vector<Connection*> stalled;
    std::chrono::steady_clock::time_point next_look;
    std::optional<Thread> thread;  // the owner's
  };

  bool nobody_serves() const override REQUIRES(mutex_) { return connections_.empty(); }
  void run(Worker& worker);
  bool take_orders(Worker& worker);
  std::span<const epoll_event> wait(Worker& worker);
  static void prefetch(const Connection* connection);
  void count_turn(Connection& connection);
  void step(Connection& connection, std::uint32_t events) noexcept;
  void watch(Connection& connection, Echo::Next next, std::uint32_t events);
  void look_at_stalled(Worker& worker);
  void leave(Connection& connection);
  void finish(Connection& connection);
  void remove(Connection& connection);

  const std::size_t stack_size_;
  const std::function<void()> on_failure_;
  std::list<Worker> workers_;  // constant after construction
  Connections connections_ GUARDED_BY(mutex_);
};

}  // namespace echo
