#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

#include <asio/io_context.hpp>
#include <asio/ip/address.hpp>
#include <asio/posix/stream_descriptor.hpp>

#include "common/address.h"
#include "common/handler_memory.h"

struct MHD_Connection;

namespace echo {

// A peer of the monitoring pages, from accept until nothing of it is left.
struct HttpConnection {
  using Clock = std::chrono::steady_clock;

  explicit HttpConnection(asio::io_context& context) : leaving(context) {}

  bool is_used() const { return socket >= 0 || leaving.is_open(); }

  int socket = -1;  // the library's, which alone closes it
  std::optional<asio::ip::address> counted_as;
  Clock::time_point since{};
  Clock::time_point deadline{};
  MHD_Connection* waiting = nullptr;  // a request that is held back
  bool has_waited = false;
  bool is_ended = false;  // by us, before its end
  // Our copy of a socket that the library has done with.
  asio::posix::stream_descriptor leaving;
  std::size_t discarded = 0;
  HandlerMemory memory;
};

// The connections of the monitoring pages, of which there are only so many, in all and from one
// address. When the library is done with one, it stays until the peer has closed as well: a socket
// closed with bytes unread, such as the rest of a request that is too long, is reset, and the
// answer may be lost with it (RFC 9112, 9.6). Thread rule: the thread that runs the io_context.
class HttpConnections {
 public:
  static constexpr std::size_t kMost = 64;
  static constexpr std::size_t kMostPerAddress = 16;  // IPv4 address or IPv6 /64

  explicit HttpConnections(asio::io_context& context);

  // Which one has to end before another from this peer may come; null if there is room.
  HttpConnection* to_make_room_for(const Endpoint& peer);

  // A new one that is to end at the deadline; null if there is no room.
  HttpConnection* open(const Endpoint& peer, HttpConnection::Clock::time_point deadline);

  // The library is about to close its socket.
  void leave(HttpConnection& connection) noexcept;

  // The library has no socket of it any more, and we need none.
  static void release(HttpConnection& connection) noexcept;

  // Null or nothing if there is no connection.
  HttpConnection* oldest();
  std::optional<HttpConnection::Clock::time_point> first_deadline() const;

  auto begin() { return all_.begin(); }
  auto end() { return all_.end(); }

 private:
  template <typename Condition>
  HttpConnection* oldest_if(Condition condition);
  void watch(HttpConnection& connection);

  std::array<HttpConnection, kMost> all_;
};

}  // namespace echo
