#include "tests/support/scripted_server.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <exception>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include "common/address.h"
#include "tests/support/deadline.h"

namespace echo::testing {

Descriptor bind_to_free_port() {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::system_error(errno, std::generic_category(), "bind");
  }
  return socket;
}

std::string local_address(int socket) {
  Endpoint endpoint;
  auto size = static_cast<socklen_t>(endpoint.capacity());
  ::getsockname(socket, endpoint.data(), &size);
  endpoint.resize(size);
  return to_text(endpoint);
}

struct ScriptedServer::Client {
  Client(Descriptor descriptor, int connection_number)
      : socket(std::move(descriptor)), number(connection_number) {}

  Socket socket;
  const int number;
  std::unique_ptr<Thread> thread;
};

ScriptedServer::ScriptedServer(Script script)
    : script_(std::move(script)), listener_(bind_to_free_port()) {
  address_ = local_address(listener_.get());
  ::listen(listener_.get(), 4096);
  acceptor_ = std::make_unique<Thread>("acceptor", [this] { accept_all(); });
}

ScriptedServer::~ScriptedServer() {
  stopping_.signal();
  acceptor_.reset();
  for (const auto& client : clients_) client->socket.cut();
}

void ScriptedServer::accept_all() {
  while (true) {
    std::array<pollfd, 2> entries{
        {{listener_.get(), POLLIN, 0}, {stopping_.descriptor(), POLLIN, 0}}};
    ::poll(entries.data(), entries.size(), -1);
    if (entries[1].revents != 0) return;
    Descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket) continue;
    const std::lock_guard lock(mutex_);
    const int number = static_cast<int>(clients_.size()) + 1;
    clients_.push_back(std::make_unique<Client>(std::move(socket), number));
    Client& client = *clients_.back();
    client.thread = std::make_unique<Thread>("script", [this, &client] { serve(client); });
    came_.notify_all();
  }
}

int ScriptedServer::accepted() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(clients_.size());
}

void ScriptedServer::wait_for_clients(int count) {
  std::unique_lock lock(mutex_);
  const auto enough = [&] { return clients_.size() >= static_cast<std::size_t>(count); };
  if (!came_.wait_until(lock, hang_deadline(), enough)) {
    throw std::runtime_error("fewer clients came than the test waits for");
  }
}

void ScriptedServer::serve(Client& client) {
  try {
    script_(client.socket, client.number);
  } catch (const std::exception&) {
    // The client went away, or the test is over: what it saw is what the test checks.
  }
  client.socket.close();
}

void echo_all(Socket& client) {
  for (std::string bytes = client.receive_some(); !bytes.empty(); bytes = client.receive_some()) {
    client.send(bytes);
  }
}

void echo_bytes(Socket& client, std::size_t size) {
  while (size > 0) {
    const std::string bytes = client.receive_some(std::min<std::size_t>(size, 65536));
    if (bytes.empty()) return;
    client.send(bytes);
    size -= bytes.size();
  }
}

// Bound without listening until the end of the program: nobody else gets the port meanwhile.
std::string address_without_server() {
  static std::vector<Descriptor> held;
  held.push_back(bind_to_free_port());
  return local_address(held.back().get());
}

}  // namespace echo::testing
