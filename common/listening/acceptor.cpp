#include "common/listening/acceptor.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <new>
#include <utility>

#include "common/error_text.h"
#include "common/logging.h"

namespace echo {
namespace {

// After this many the other listening sockets and a stop have their turn.
constexpr int kMaxAcceptsPerTurn = 64;

// What does not go away by itself, such as a lack of descriptors, makes accept fail at once while
// the socket is ready: try again later.
constexpr std::chrono::milliseconds kBackOff{100};

// accept(2), "Error handling".
AcceptError kind_of(int error) {
  constexpr std::array kOfOneConnection{ECONNABORTED, EPROTO, ENETDOWN,   ENOPROTOOPT,
                                        EHOSTDOWN,    ENONET, EOPNOTSUPP, ENETUNREACH,
                                        EHOSTUNREACH, EPERM,  ETIMEDOUT};
  if (std::ranges::find(kOfOneConnection, error) != kOfOneConnection.end()) {
    return AcceptError::connection;
  }
  if (error == EMFILE || error == ENFILE) return AcceptError::descriptors;
  if (error == ENOBUFS || error == ENOMEM) return AcceptError::memory;
  return AcceptError::other;
}

}  // namespace

Acceptor::Door::Door(ListeningSocket open_socket, asio::io_context& context)
    : socket(std::move(open_socket)),
      acceptor(context, socket.endpoint().protocol(), socket.descriptor()) {}

Acceptor::Door::~Door() {
  asio::error_code ignored;
  acceptor.release(ignored);
}

Acceptor::Acceptor(asio::io_context& context, std::vector<ListeningSocket> sockets, Hooks hooks)
    : context_(context), hooks_(std::move(hooks)) {
  for (ListeningSocket& socket : sockets) doors_.emplace_back(std::move(socket), context_);
}

std::vector<std::string> Acceptor::addresses() const {
  std::vector<std::string> result;
  for (const Door& door : doors_) result.push_back(door.socket.address());
  return result;
}

void Acceptor::prepare() {
  // The context makes room for a timer at its first wait and keeps it, for when memory is short.
  back_off();
  retry_.cancel();
  context_.run();
  context_.restart();
}

void Acceptor::watch() {
  for (Door& door : doors_) watch(door);
}

void Acceptor::watch(Door& door) {
  if (door.watched || !hooks_.has_room()) return;
  door.watched = true;
  const auto accept = [this, &door](const asio::error_code&) {
    door.watched = false;
    if (!accept_some(door.socket)) return back_off();
    watch(door);
  };
  door.acceptor.async_wait(asio::socket_base::wait_read, door.memory.bind(accept));
}

void Acceptor::back_off() {
  if (std::exchange(backing_off_, true)) return;
  const auto go_on = [this](const asio::error_code& error) {
    backing_off_ = false;
    if (!error) watch();
  };
  retry_.expires_after(kBackOff);
  retry_.async_wait(retry_memory_.bind(go_on));
}

// False when it is better to wait before the next try.
bool Acceptor::accept_some(const ListeningSocket& socket) try {
  bool any = false;
  for (int i = 0; i < kMaxAcceptsPerTurn; ++i) {
    if (!hooks_.has_room()) return true;
    switch (accept_one(socket)) {
      case Accepted::one:
        any = true;
        break;
      case Accepted::skipped:
        break;
      case Accepted::none:
        return true;
      case Accepted::shortage:
        return false;
    }
  }
  return any;
} catch (const std::bad_alloc&) {
  hooks_.failed(AcceptError::memory);  // there is none for a line in the log either
  return false;
}

Acceptor::Accepted Acceptor::accept_one(const ListeningSocket& socket) {
  Endpoint peer;
  auto size = static_cast<socklen_t>(peer.capacity());
  Descriptor accepted(::accept4(socket.descriptor(), peer.data(), &size, SOCK_CLOEXEC));
  if (!accepted) return on_error(errno);
  peer.resize(size);
  hooks_.accepted(std::move(accepted), peer, socket);
  return Accepted::one;
}

Acceptor::Accepted Acceptor::on_error(int error) {
  if (error == EAGAIN) return Accepted::none;
  if (error == EINTR) return Accepted::skipped;
  const AcceptError kind = kind_of(error);
  if (kind == AcceptError::descriptors && hooks_.free_descriptor()) return Accepted::skipped;
  hooks_.failed(kind);
  if (const auto suppressed = failed_.allow()) {
    log_event(Level::warn, "accept_failed", with_suppressed("cannot accept: {why}", *suppressed),
              {{"why", error_text(error)}, {"suppressed", *suppressed}});
  }
  return kind == AcceptError::connection ? Accepted::skipped : Accepted::shortage;
}

}  // namespace echo
