#pragma once

#include <optional>
#include <vector>

#include "common/descriptor.h"
#include "common/thread.h"
#include "server/listening_socket.h"
#include "server/stats.h"
#include "server/workers.h"

namespace echo {

// The listener thread: accepts from every listening socket and hands each connection to a worker.
// Nothing in it can block on a client. Thread rule: start and stop by the owner, once each.
class Listener {
 public:
  Listener(std::vector<ListeningSocket> sockets, Workers& workers, Stats& stats);

  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { stop(); }

  const std::vector<ListeningSocket>& sockets() const { return sockets_; }

  void start();

  // When it returns nothing is accepted any more and the sockets are closed.
  void stop();

 private:
  enum class Accepted { one, none, shortage };

  void run();
  bool accept_some(ListeningSocket& socket);
  Accepted accept_one(ListeningSocket& socket);
  void hand_over(Descriptor socket, const Endpoint& peer, const ListeningSocket& from);
  void back_off();

  std::vector<ListeningSocket> sockets_;
  Workers& workers_;
  Stats& stats_;
  WakeEvent stop_;
  std::optional<Thread> thread_;
};

}  // namespace echo
