#include "common/monitoring/http_connections.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <utility>

#include "common/descriptor.h"
#include "common/listening/counted_as.h"

namespace echo {
namespace {

// A peer that goes on sending is reset after that much: reading costs time too.
constexpr std::size_t kMostDiscarded = std::size_t{16} << 20;

template <std::size_t... index>
std::array<HttpConnection, sizeof...(index)> make_all(asio::io_context& context,
                                                      std::index_sequence<index...> /*indices*/) {
  return {((void)index, HttpConnection(context))...};
}

std::optional<asio::ip::address> counted(const Endpoint& peer) {
  const auto ip = ip_address(peer);
  return ip ? std::optional(counted_as(*ip)) : std::nullopt;
}

// Reads what is there and forgets it. Whether more may come.
bool discard(HttpConnection& connection, int socket) {
  std::array<char, 16384> bytes;
  while (connection.discarded < kMostDiscarded) {
    const ssize_t got = ::recv(socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN;
    if (got == 0) return false;
    connection.discarded += static_cast<std::size_t>(got);
  }
  return false;
}

}  // namespace

HttpConnections::HttpConnections(asio::io_context& context)
    : all_(make_all(context, std::make_index_sequence<kMost>())) {}

HttpConnection* HttpConnections::to_make_room_for(const Endpoint& peer) {
  const auto address = counted(peer);
  const auto is_neighbour = [&](const HttpConnection& each) {
    return each.is_used() && address && each.counted_as == address;
  };
  if (std::ranges::count_if(all_, is_neighbour) >= std::ptrdiff_t{kMostPerAddress}) {
    return oldest_if(is_neighbour);
  }
  return std::ranges::all_of(all_, &HttpConnection::is_used) ? oldest() : nullptr;
}

HttpConnection* HttpConnections::open(const Endpoint& peer,
                                      HttpConnection::Clock::time_point deadline) {
  if (to_make_room_for(peer) != nullptr) return nullptr;
  const auto found = std::ranges::find_if_not(all_, &HttpConnection::is_used);
  found->counted_as = counted(peer);
  found->since = HttpConnection::Clock::now();
  found->deadline = deadline;
  found->waiting = nullptr;
  found->has_waited = found->is_ended = false;
  found->discarded = 0;
  return &*found;
}

void HttpConnections::leave(HttpConnection& connection) noexcept try {
  const int socket = std::exchange(connection.socket, -1);
  const bool more_may_come = discard(connection, socket);
  if (connection.is_ended || !more_may_come) return;
  // Without a descriptor or memory for it the peer may be reset.
  Descriptor copy(::fcntl(socket, F_DUPFD_CLOEXEC, 0));
  if (!copy) return;
  connection.leaving.assign(copy.get());
  copy.release();
  watch(connection);
} catch (const std::exception&) {
  release(connection);
}

void HttpConnections::release(HttpConnection& connection) noexcept {
  connection.socket = -1;
  asio::error_code ignored;
  if (connection.leaving.is_open()) connection.leaving.close(ignored);
}

void HttpConnections::watch(HttpConnection& connection) {
  const auto more = [this, &connection](const asio::error_code& error) {
    if (error) return;  // released, and maybe in use again
    if (!discard(connection, connection.leaving.native_handle())) return release(connection);
    watch(connection);
  };
  connection.leaving.async_wait(asio::posix::descriptor_base::wait_read,
                                connection.memory.bind(more));
}

HttpConnection* HttpConnections::oldest() {
  return oldest_if([](const HttpConnection& each) { return each.is_used(); });
}

std::optional<HttpConnection::Clock::time_point> HttpConnections::first_deadline() const {
  std::optional<HttpConnection::Clock::time_point> first;
  for (const HttpConnection& each : all_) {
    if (each.is_used() && (!first || each.deadline < *first)) first = each.deadline;
  }
  return first;
}

template <typename Condition>
HttpConnection* HttpConnections::oldest_if(Condition condition) {
  HttpConnection* oldest = nullptr;
  for (HttpConnection& each : all_) {
    if (condition(each) && (oldest == nullptr || each.since < oldest->since)) oldest = &each;
  }
  return oldest;
}

}  // namespace echo
