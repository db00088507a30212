#include "server/core/listener.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <new>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <variant>

#include "common/logging.h"

namespace echo {
namespace {

// After this many the other listening sockets and a stop have their turn.
constexpr int kBatch = 64;

// In front of the sockets in what is polled: stop, asked, room.
constexpr std::size_t kEvents = 3;

// What does not go away by itself, such as a lack of descriptors, makes accept fail at once while
// poll says ready: try again later.
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

// Tells of the lines before it that were not logged.
std::string with_suppressed(std::string text, std::uint64_t suppressed) {
  return suppressed == 0 ? text : text + " ({suppressed} more suppressed)";
}

}  // namespace

Listener::Listener(std::vector<ListeningSocket> sockets, Admission& admission, Workers& workers,
                   Stats& stats)
    : sockets_(std::move(sockets)), admission_(admission), workers_(workers), stats_(stats) {}

void Listener::start() {
  thread_.emplace("listener", [this] { run(); });
}

bool Listener::responds() {
  pollfd asked{asked_.descriptor(), POLLIN, 0};
  if (::poll(&asked, 1, 0) != 0) return false;
  asked_.signal();
  return true;
}

void Listener::stop() {
  stop_.signal();
  thread_.reset();
  sockets_.clear();
}

void Listener::run() {
  std::vector<pollfd> events(kEvents + sockets_.size(), {-1, POLLIN, 0});
  events[0].fd = stop_.descriptor();
  events[1].fd = asked_.descriptor();
  for (;;) {
    watch(events);
    if (::poll(events.data(), events.size(), -1) < 0) {
      // For want of memory, or EINVAL: the limit of descriptors was set below their number.
      if (errno != EINTR) std::this_thread::sleep_for(kBackOff);
      if (stop_.clear()) return;
      continue;
    }
    if (events[0].revents != 0) return;
    if (events[1].revents != 0) asked_.clear();
    for (std::size_t i = 0; i < sockets_.size(); ++i) {
      if (events[i + kEvents].revents != 0 && !accept_some(sockets_[i])) back_off();
    }
  }
}

// While there is no room for clients they stay in the backlog: only room is waited for. poll(2)
// skips a descriptor of -1.
void Listener::watch(std::vector<pollfd>& events) {
  const bool room = admission_.has_room();
  events[2].fd = room ? -1 : admission_.room_event();
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    events[i + kEvents].fd = room ? sockets_[i].descriptor() : -1;
  }
}

// False when it is better to wait before the next try.
bool Listener::accept_some(ListeningSocket& socket) try {
  bool any = false;
  for (int i = 0; i < kBatch; ++i) {
    if (!admission_.has_room()) return true;
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
  stats_.count_accept_error(AcceptError::memory);  // there is none for a line in the log either
  return false;
}

Listener::Accepted Listener::accept_one(ListeningSocket& socket) {
  Endpoint peer;
  auto size = static_cast<socklen_t>(peer.capacity());
  Descriptor accepted(::accept4(socket.descriptor(), peer.data(), &size, SOCK_CLOEXEC));
  if (!accepted) return failed(errno);
  peer.resize(size);
  hand_over(std::move(accepted), peer, socket);
  return Accepted::one;
}

Listener::Accepted Listener::failed(int error) {
  if (error == EAGAIN) return Accepted::none;
  if (error == EINTR) return Accepted::skipped;
  const AcceptError kind = kind_of(error);
  stats_.count_accept_error(kind);
  if (const auto suppressed = accept_failed_.allow()) {
    log_event(Level::warn, "accept_failed", with_suppressed("cannot accept: {why}", *suppressed),
              {{"why", std::strerror(error)}, {"suppressed", *suppressed}});
  }
  return kind == AcceptError::connection ? Accepted::skipped : Accepted::shortage;
}

void Listener::hand_over(Descriptor socket, const Endpoint& peer, const ListeningSocket& from) {
  // Clients of a unix socket have no name of their own.
  const bool is_unix = peer.protocol().family() == AF_UNIX;
  std::string address = is_unix ? from.address() : to_text(peer);
  Connection connection{
      .number = stats_.count_accepted(), .socket = std::move(socket), .peer = std::move(address)};
  CloseCause refused = CloseCause::no_resources;
  std::string why;
  try {
    refused = place(connection, peer);
  } catch (const std::exception& error) {
    why = error.what();
  }
  if (refused != CloseCause::none) refuse(std::move(connection), refused, why);
}

CloseCause Listener::place(Connection& connection, const Endpoint& peer) {
  auto admitted = admission_.admit(peer);
  if (const auto* cause = std::get_if<CloseCause>(&admitted)) return *cause;
  connection.ticket = std::get<Admission::Ticket>(std::move(admitted));
  workers_.hand_over(connection);
  return CloseCause::none;
}

// Closes without reading and without a wait: the client sees the end of the stream, or a reset if
// bytes of its own are here already, and nothing that it does or leaves undone holds the listener.
void Listener::refuse(Connection connection, CloseCause cause, const std::string& why) {
  stats_.count_closed(cause, 0, 0);  // first: who sees the end may ask for the counters
  connection.socket = Descriptor();
  log_event(Level::debug, "connected", "client {client} connected from {address}",
            {{"client", connection.number}, {"address", connection.peer}});
  const auto suppressed = refused_[static_cast<std::size_t>(cause)].allow();
  if (!suppressed) return;
  std::string text(kClosedText);
  std::vector<LogField> fields{{"client", connection.number},
                               {"cause", std::string(name(cause))},
                               {"in", std::uint64_t{0}},
                               {"out", std::uint64_t{0}},
                               {"lasted_s", 0.0},
                               {"suppressed", *suppressed}};
  if (!why.empty()) {
    text += ": {why}";
    fields.push_back({"why", why});
  }
  log_event(why.empty() ? Level::info : Level::warn, "closed", with_suppressed(text, *suppressed),
            fields);
}

void Listener::back_off() {
  pollfd stop{stop_.descriptor(), POLLIN, 0};
  ::poll(&stop, 1, static_cast<int>(kBackOff.count()));
}

}  // namespace echo
