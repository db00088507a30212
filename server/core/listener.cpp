#include "server/core/listener.h"

#include <sys/socket.h>

#include <exception>
#include <string>
#include <utility>
#include <variant>

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>

#include "common/logging.h"

namespace echo {

Listener::Listener(std::vector<ListeningSocket> sockets, Admission& admission,
                   SessionDriver& workers, Stats& stats, std::function<void()> on_failure)
    : admission_(admission),
      workers_(workers),
      stats_(stats),
      on_failure_(std::move(on_failure)),
      acceptor_(context_, std::move(sockets),
                {.accepted =
                     [this](Descriptor socket, const Endpoint& peer, const ListeningSocket& from) {
                       hand_over(std::move(socket), peer, from);
                     },
                 .failed = [this](AcceptError kind) { stats_.count_accept_error(kind); },
                 .has_room = [this] { return has_room(); }}) {
  room_.assign(admission_.room_event());
}

void Listener::start() {
  acceptor_.prepare();
  thread_.emplace("listener", [this] { run(); });
}

void Listener::open() {
  // Nothing else uses this memory before the sockets are watched.
  asio::post(context_, room_memory_.bind([this] { acceptor_.watch(); }));
}

void Listener::stop() {
  context_.stop();
  thread_.reset();
  liveness_.answer();
  acceptor_.close();
  if (room_.is_open()) room_.release();
}

void Listener::run() try {
  const auto until_stopped = asio::make_work_guard(context_);
  context_.run();
} catch (...) {
  on_failure_();
  throw;
}

// While there is no room for clients they stay in the backlog: only room is waited for.
bool Listener::has_room() {
  if (admission_.has_room()) return true;
  wait_for_room();
  return false;
}

void Listener::wait_for_room() {
  if (std::exchange(waits_for_room_, true)) return;
  const auto go_on = [this](const asio::error_code&) {
    waits_for_room_ = false;
    acceptor_.watch();
  };
  room_.async_wait(asio::posix::descriptor_base::wait_read, room_memory_.bind(go_on));
}

void Listener::hand_over(Descriptor socket, const Endpoint& peer, const ListeningSocket& from) {
  // Clients of a unix socket have no name of their own.
  const bool is_unix = peer.protocol().family() == AF_UNIX;
  std::string address = is_unix ? from.address() : to_text(peer);
  AcceptedConnection connection{
      .number = stats_.count_accepted(), .socket = std::move(socket), .peer = std::move(address)};
  CloseCause refused = CloseCause::none;
  try {
    refused = place(connection, peer);
  } catch (const std::exception& error) {
    return refuse(std::move(connection), CloseCause::no_resources, error.what());
  }
  if (refused != CloseCause::none) refuse(std::move(connection), refused, {});
}

CloseCause Listener::place(AcceptedConnection& connection, const Endpoint& peer) {
  auto admitted = admission_.admit(peer);
  if (const auto* cause = std::get_if<CloseCause>(&admitted)) return *cause;
  connection.ticket = std::get<Admission::Ticket>(std::move(admitted));
  workers_.hand_over(connection);
  return CloseCause::none;
}

// Closes without reading and without a wait: the client sees the end of the stream, or a reset if
// bytes of its own are here already, and nothing that it does or leaves undone holds the listener.
void Listener::refuse(AcceptedConnection connection, CloseCause cause, std::string_view why) {
  stats_.count_closed(cause, 0, 0);  // first: a client that sees the end may ask for it
  connection.socket.reset();
  ConnectionLog::connected(connection.number, connection.peer);
  log_.closed({.number = connection.number, .address = connection.peer, .cause = cause}, why);
}

}  // namespace echo
