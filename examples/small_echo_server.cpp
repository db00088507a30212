// The smallest echo server with a thread per client: small_echo_server [ADDRESS], 127.0.0.1:7007
// unless given. Ends with Ctrl-C. What it lacks is what the sources of echod are about.
#include <array>
#include <atomic>
#include <csignal>
#include <list>
#include <stdexcept>

#include <asio/basic_socket_acceptor.hpp>
#include <asio/io_context.hpp>
#include <asio/write.hpp>

#include "common/address.h"
#include "common/console.h"
#include "common/poll.h"
#include "common/signals.h"
#include "common/thread.h"

using Protocol = echo::StreamProtocol;

struct Client {
  explicit Client(Protocol::socket accepted)
      : socket(std::move(accepted)), thread("client", [this] { echo_all(); }) {}
  // Wakes the thread, which its own destructor joins. Only then is the socket closed: members are
  // destroyed in reverse order.
  ~Client() { ::shutdown(socket.native_handle(), SHUT_RDWR); }

  void echo_all() {
    std::array<char, 16384> buffer;
    asio::error_code error;
    while (const auto size = socket.read_some(asio::buffer(buffer), error)) {
      asio::write(socket, asio::buffer(buffer, size), error);
    }
    ::shutdown(socket.native_handle(), SHUT_WR);  // every byte is back: the end is, too
    over = true;
  }

  Protocol::socket socket;
  std::atomic<bool> over = false;
  echo::Thread thread;
};

int main(int count, char** arguments) try {
  const auto address = echo::Address::parse(count > 1 ? arguments[1] : "127.0.0.1:7007");
  const echo::Signals signals({SIGINT, SIGTERM});  // before the first thread, which inherits them
  asio::io_context context;
  asio::basic_socket_acceptor<Protocol> acceptor(context,
                                                 echo::endpoints_to_listen(address).front());
  echo::print("listening on " + echo::to_text(acceptor.local_endpoint()) + "\n");

  std::list<Client> clients;
  std::array<pollfd, 2> ready{pollfd{acceptor.native_handle(), POLLIN, 0},
                              pollfd{signals.descriptor(), POLLIN, 0}};
  while (echo::poll_until(ready, echo::kNever) && ready[1].revents == 0) {
    clients.remove_if([](const Client& client) { return client.over.load(); });
    clients.emplace_back(acceptor.accept());
  }
} catch (const std::exception& error) {
  echo::print_error(error.what());
  return 1;
}
