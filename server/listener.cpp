#include "server/listener.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "common/logging.h"

namespace echo {
namespace {

// After this many the other listening sockets and a stop have their turn.
constexpr int kBatch = 64;

// What does not go away by itself, such as a lack of descriptors, makes accept fail at once while
// poll says ready: try again later.
constexpr int kBackOffMs = 100;

// Errors of the one connection that was to be accepted: accept(2), "Error handling".
bool concerns_one_connection(int error) {
  constexpr std::array kErrors{ECONNABORTED, EPROTO,       EINTR,  ENETDOWN,
                               ENOPROTOOPT,  EHOSTDOWN,    ENONET, EOPNOTSUPP,
                               ENETUNREACH,  EHOSTUNREACH, EPERM,  ETIMEDOUT};
  return std::ranges::find(kErrors, error) != kErrors.end();
}

}  // namespace

Listener::Listener(std::vector<ListeningSocket> sockets, Workers& workers, Stats& stats)
    : sockets_(std::move(sockets)), workers_(workers), stats_(stats) {}

void Listener::start() {
  thread_.emplace("listener", [this] { run(); });
}

void Listener::stop() {
  stop_.signal();
  thread_.reset();
  sockets_.clear();
}

void Listener::run() {
  std::vector<pollfd> ready{{stop_.descriptor(), POLLIN, 0}};
  for (ListeningSocket& socket : sockets_) ready.push_back({socket.descriptor(), POLLIN, 0});
  for (;;) {
    if (::poll(ready.data(), ready.size(), -1) < 0) continue;  // EINTR or ENOMEM
    if (ready[0].revents != 0) return;
    for (std::size_t i = 0; i < sockets_.size(); ++i) {
      if (ready[i + 1].revents != 0 && !accept_some(sockets_[i])) back_off();
    }
  }
}

bool Listener::accept_some(ListeningSocket& socket) {
  for (int i = 0; i < kBatch; ++i) {
    switch (accept_one(socket)) {
      case Accepted::one:
        break;
      case Accepted::none:
        return true;
      case Accepted::shortage:
        return false;
    }
  }
  return true;
}

Listener::Accepted Listener::accept_one(ListeningSocket& socket) {
  Endpoint peer;
  auto size = static_cast<socklen_t>(peer.capacity());
  Descriptor accepted(::accept4(socket.descriptor(), peer.data(), &size, SOCK_CLOEXEC));
  if (!accepted) {
    const int error = errno;
    if (error == EAGAIN) return Accepted::none;
    if (concerns_one_connection(error)) return Accepted::one;
    log_event(Level::warn, "accept_failed", "cannot accept: {why}",
              {{"why", std::strerror(error)}});
    return Accepted::shortage;
  }
  peer.resize(size);
  hand_over(std::move(accepted), peer, socket);
  return Accepted::one;
}

void Listener::hand_over(Descriptor socket, const Endpoint& peer, const ListeningSocket& from) {
  // Clients of a unix socket have no name of their own.
  const bool is_unix = peer.protocol().family() == AF_UNIX;
  Connection connection{.number = stats_.count_accepted(),
                        .socket = std::move(socket),
                        .peer = is_unix ? from.address() : to_text(peer)};
  try {
    workers_.hand_over(connection);
  } catch (const std::exception& error) {
    stats_.count_closed(CloseCause::no_resources, 0, 0);
    log_event(Level::warn, "refused", "client {client} closed: {cause}, {why}",
              {{"client", connection.number},
               {"cause", std::string(name(CloseCause::no_resources))},
               {"why", error.what()}});
  }
}

void Listener::back_off() {
  pollfd stop{stop_.descriptor(), POLLIN, 0};
  ::poll(&stop, 1, kBackOffMs);
}

}  // namespace echo
