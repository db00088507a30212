#pragma once

#include <functional>
#include <list>
#include <string>
#include <vector>

#include <asio/basic_socket_acceptor.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include "common/address.h"
#include "common/descriptor.h"
#include "common/handler_memory.h"
#include "common/listening/accept_error.h"
#include "common/listening/listening_socket.h"
#include "common/log_limit.h"

namespace echo {

// Waits in an io_context for connections on listening sockets and accepts them: at most 64 from one
// socket before the next one and everything else have their turn. A shortage leaves the socket
// unwatched for 100 ms. No wait needs memory once prepare() has been called.
// Owner: the owner of the io_context. Thread rule: the thread that runs it, or the owner while none
// does.
class Acceptor {
 public:
  struct Hooks {
    // May take the socket; an exception other than std::bad_alloc ends the context's run.
    std::function<void(Descriptor, const Endpoint& peer, const ListeningSocket& from)> accepted;
    // To count why accept(2) failed, which is logged, or for want of memory of our own.
    std::function<void(AcceptError)> failed = [](AcceptError) {};
    // Asked before each accept. If it says no, nothing is watched until watch() is called.
    std::function<bool()> has_room = [] { return true; };
    // Asked when there is no descriptor; whether it has closed one, so that another try is worth
    // it.
    std::function<bool()> free_descriptor = [] { return false; };
  };

  Acceptor(asio::io_context& context, std::vector<ListeningSocket> sockets, Hooks hooks);
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  std::vector<std::string> addresses() const;

  // Runs the context for a moment, which makes room in it for a timer.
  void prepare();

  // Accepts from now on, or again.
  void watch();

  // Closes the sockets. While the context does not run.
  void close() { doors_.clear(); }

 private:
  // A listening socket and the wait for its next client.
  struct Door {
    Door(ListeningSocket open_socket, asio::io_context& context);
    Door(const Door&) = delete;
    Door& operator=(const Door&) = delete;
    ~Door();

    ListeningSocket socket;
    asio::basic_socket_acceptor<StreamProtocol> acceptor;  // only waits; the socket has one owner
    bool watched = false;
    HandlerMemory memory;
  };
  enum class Accepted { one, none, skipped, shortage };

  void watch(Door& door);
  void back_off();
  bool accept_some(const ListeningSocket& socket);
  Accepted accept_one(const ListeningSocket& socket);
  Accepted on_error(int error);

  asio::io_context& context_;
  const Hooks hooks_;
  std::list<Door> doors_;
  LogLimit failed_;
  asio::steady_timer retry_{context_};
  bool backing_off_ = false;
  HandlerMemory retry_memory_;
};

}  // namespace echo
