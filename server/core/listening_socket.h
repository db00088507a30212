#pragma once

#include <string>
#include <vector>

#include <asio/basic_socket_acceptor.hpp>
#include <asio/io_context.hpp>

#include "common/address.h"
#include "common/descriptor.h"

namespace echo {

// A bound, listening, non-blocking socket. Destroying it unlinks the path of a unix socket, unless
// the socket was inherited: then others may listen on it too, and it is closed and no more.
// The io_context only satisfies Asio: nobody runs it, it must outlive the socket.
class ListeningSocket {
 public:
  // All sockets that the address stands for. Throws std::runtime_error that names the address.
  // A unix path on which nobody listens any more is taken over; any other file there is an error.
  static std::vector<ListeningSocket> open(asio::io_context& context, const Address& address,
                                           int backlog);

  // A socket on which the process was told to listen. Throws std::runtime_error.
  static ListeningSocket inherited(asio::io_context& context, Descriptor socket);

  ListeningSocket(ListeningSocket&&) = default;
  ListeningSocket& operator=(ListeningSocket&&) = delete;
  ~ListeningSocket();

  int descriptor() { return acceptor_.native_handle(); }

  // The address really bound.
  std::string address() const { return to_text(acceptor_.local_endpoint()); }

 private:
  ListeningSocket(asio::io_context& context, const Endpoint& endpoint, int backlog, bool v6_only);
  ListeningSocket(asio::io_context& context, Descriptor inherited);

  asio::basic_socket_acceptor<StreamProtocol> acceptor_;
  bool inherited_ = false;
};

}  // namespace echo
