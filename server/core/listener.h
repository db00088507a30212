#pragma once

#include <poll.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "common/close_cause.h"
#include "common/descriptor.h"
#include "common/log_limit.h"
#include "common/thread.h"
#include "server/core/admission.h"
#include "server/core/listening_socket.h"
#include "server/core/stats.h"
#include "server/core/workers.h"

namespace echo {

// The listener thread: accepts from every listening socket, asks admission, and hands the
// connection to a worker or closes it.
// Nothing in it can block on a client. Thread rule: start and stop by the owner, once each.
class Listener {
 public:
  Listener(std::vector<ListeningSocket> sockets, Admission& admission, Workers& workers,
           Stats& stats);

  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { stop(); }

  const std::vector<ListeningSocket>& sockets() const { return sockets_; }

  void start();

  // Whether the thread has come round since this was asked before; asks again, which wakes it.
  // Thread rule: one thread at a time, while it runs.
  bool responds();

  // When it returns nothing is accepted any more and the sockets are closed.
  void stop();

 private:
  enum class Accepted { one, none, skipped, shortage };

  void run();
  void watch(std::vector<pollfd>& events);
  bool accept_some(ListeningSocket& socket);
  Accepted accept_one(ListeningSocket& socket);
  Accepted failed(int error);
  void hand_over(Descriptor socket, const Endpoint& peer, const ListeningSocket& from);
  CloseCause place(Connection& connection, const Endpoint& peer);
  void refuse(Connection connection, CloseCause cause, const std::string& why);
  void back_off();

  std::vector<ListeningSocket> sockets_;
  Admission& admission_;
  Workers& workers_;
  Stats& stats_;
  WakeEvent stop_;
  WakeEvent asked_;  // signalled until the thread has come round
  LogLimit accept_failed_;
  std::array<LogLimit, kCloseCauses> refused_;  // by CloseCause
  std::optional<Thread> thread_;
};

}  // namespace echo
