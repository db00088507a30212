#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>

#include "common/close_cause.h"
#include "common/descriptor.h"
#include "common/handler_memory.h"
#include "common/listening/acceptor.h"
#include "common/listening/listening_socket.h"
#include "common/thread.h"
#include "server/core/admission.h"
#include "server/core/connection_log.h"
#include "server/core/liveness.h"
#include "server/core/session_driver.h"
#include "server/core/stats.h"

namespace echo {

// The listener thread: runs an io_context in which it waits for clients on every listening socket,
// and for room; accepts, asks admission, and hands the connection to a worker or closes it. Nothing
// in it can block on a client, and no wait needs memory once it runs. Thread rule: the owner's
// thread alone, except liveness(); start, open and stop once each.
class Listener {
 public:
  // `on_failure` is called by the thread while it handles the exception that ends it.
  Listener(std::vector<ListeningSocket> sockets, Admission& admission, SessionDriver& workers,
           Stats& stats, std::function<void()> on_failure);

  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { stop(); }

  std::vector<std::string> addresses() const { return acceptor_.addresses(); }

  // Makes the thread, which leaves clients in the backlog. Throws std::system_error.
  void start();

  // Accepts from now on. Cannot fail.
  void open();

  // Any thread, while it runs.
  Liveness& liveness() { return liveness_; }

  // When it returns nothing is accepted any more and the sockets are closed. Needs no memory.
  void stop();

  // After stop().
  void tell_suppressed() noexcept { log_.tell_suppressed(); }

 private:
  void run();
  bool has_room();
  void wait_for_room();
  void hand_over(Descriptor socket, const Endpoint& peer, const ListeningSocket& from);
  CloseCause place(AcceptedConnection& connection, const Endpoint& peer);
  void refuse(AcceptedConnection connection, CloseCause cause, std::string_view why);

  Admission& admission_;
  SessionDriver& workers_;
  Stats& stats_;
  const std::function<void()> on_failure_;
  ConnectionLog log_;
  asio::io_context context_{1};
  Acceptor acceptor_;
  asio::posix::stream_descriptor room_{context_};
  bool waits_for_room_ = false;
  HandlerMemory room_memory_;
  Liveness liveness_{context_};
  std::optional<Thread> thread_;
};

}  // namespace echo
