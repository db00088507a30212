#include "server/core/listening_socket.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>
#include <string_view>
#include <utility>

#include <asio/basic_stream_socket.hpp>
#include <asio/ip/v6_only.hpp>
#include <asio/socket_base.hpp>

namespace echo {
namespace {

int family_of(int socket) {
  int family = AF_UNSPEC;
  socklen_t size = sizeof family;
  ::getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &family, &size);
  return family;
}

bool is_unix(const Endpoint& endpoint) {
  return endpoint.protocol().family() == AF_UNIX;
}

std::string path_of(const Endpoint& endpoint) {
  return to_text(endpoint).substr(std::string_view("unix:").size());
}

bool somebody_listens(asio::io_context& context, const Endpoint& endpoint) {
  asio::basic_stream_socket<StreamProtocol> probe(context, endpoint.protocol());
  asio::error_code error;
  probe.connect(endpoint, error);
  return error != asio::error::connection_refused;
}

// The file of a unix socket outlives a process that was killed.
void remove_stale_socket(asio::io_context& context, const Endpoint& endpoint) {
  const std::string path = path_of(endpoint);
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0 || !S_ISSOCK(file.st_mode)) return;
  if (!somebody_listens(context, endpoint)) ::unlink(path.c_str());
}

}  // namespace

std::vector<ListeningSocket> ListeningSocket::open(asio::io_context& context,
                                                   const Address& address, int backlog) {
  // ":7007" serves IPv4 on its IPv6 socket too; "[::]:7007" leaves IPv4 to "0.0.0.0:7007".
  const bool v6_only = !address.host.empty();
  std::vector<ListeningSocket> sockets;
  for (const Endpoint& endpoint : endpoints_to_listen(address)) {
    sockets.push_back(ListeningSocket(context, endpoint, backlog, v6_only));
  }
  return sockets;
}

ListeningSocket::ListeningSocket(asio::io_context& context, const Endpoint& endpoint, int backlog,
                                 bool v6_only)
    : acceptor_(context) {
  try {
    acceptor_.open(endpoint.protocol());
    if (is_unix(endpoint)) {
      remove_stale_socket(context, endpoint);
    } else {
      acceptor_.set_option(asio::socket_base::reuse_address(true));
    }
    if (endpoint.protocol().family() == AF_INET6) {
      acceptor_.set_option(asio::ip::v6_only(v6_only));
    }
    acceptor_.bind(endpoint);
    acceptor_.listen(backlog);
    acceptor_.non_blocking(true);
  } catch (const asio::system_error& error) {
    throw std::runtime_error(
        fmt::format("cannot listen on {}: {}", to_text(endpoint), error.code().message()));
  }
}

ListeningSocket ListeningSocket::inherited(asio::io_context& context, Descriptor socket) {
  return ListeningSocket(context, std::move(socket));
}

ListeningSocket::ListeningSocket(asio::io_context& context, Descriptor inherited)
    : acceptor_(context), inherited_(true) {
  try {
    const int family = family_of(inherited.get());
    acceptor_.assign(StreamProtocol(family, 0), inherited.get());
    inherited.release();
    acceptor_.non_blocking(true);
  } catch (const asio::system_error& error) {
    throw std::runtime_error(
        fmt::format("cannot listen on an inherited socket: {}", error.code().message()));
  }
}

ListeningSocket::~ListeningSocket() {
  if (inherited_ || !acceptor_.is_open()) return;
  asio::error_code error;
  const Endpoint endpoint = acceptor_.local_endpoint(error);
  if (!error && is_unix(endpoint)) ::unlink(path_of(endpoint).c_str());
}

}  // namespace echo
