#include "tests/support/paced_server.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include "common/poll.h"
#include "tests/support/scripted_server.h"

namespace echo::testing {

struct PacedServer::Client {
  Descriptor socket;
  std::string part;     // of a message whose rest is still to come
  bool is_open = true;  // more may come
};

PacedServer::PacedServer(std::unique_ptr<ServiceRule> rule)
    : rule_(std::move(rule)), listener_(bind_to_free_port()) {
  address_ = local_address(listener_.get());
  ::listen(listener_.get(), 4096);
  thread_ = std::make_unique<Thread>("paced", [this] { serve(); });
}

PacedServer::~PacedServer() {
  stopping_.signal();
}

void PacedServer::serve() {
  while (true) {
    std::vector<pollfd> entries{{stopping_.descriptor(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    for (const auto& client : clients_) entries.push_back({client->socket.get(), POLLIN, 0});
    poll_until(entries, answers_.empty() ? kNever : answers_.front().due);
    if (entries[0].revents != 0) return;
    for (std::size_t i = 2; i < entries.size(); ++i) {
      if (entries[i].revents != 0) receive(clients_[i - 2]);
    }
    std::erase_if(clients_, [](const auto& client) { return !client->is_open; });
    if (entries[1].revents != 0) accept();
    send_due(std::chrono::steady_clock::now());
  }
}

void PacedServer::accept() {
  Descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!socket) return;
  ++accepted_;
  clients_.push_back(std::make_shared<Client>());
  clients_.back()->socket = std::move(socket);
}

void PacedServer::receive(const std::shared_ptr<Client>& client) {
  std::array<char, 65536> buffer;
  const ssize_t count = ::recv(client->socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count > 0) {
    client->part.append(buffer.data(), static_cast<std::size_t>(count));
    return take_messages(client);
  }
  client->is_open = false;
  const auto now = std::chrono::steady_clock::now();
  answers_.push_back({answers_.empty() ? now : answers_.back().due, client, ""});
}

void PacedServer::take_messages(const std::shared_ptr<Client>& client) {
  const auto now = std::chrono::steady_clock::now();
  std::size_t at = 0;
  for (; client->part.size() - at >= kSize; at += kSize) {
    answers_.push_back({rule_->answer_at(now), client, client->part.substr(at, kSize)});
  }
  client->part.erase(0, at);
}

void PacedServer::send_due(ServiceRule::Time now) {
  for (; !answers_.empty() && answers_.front().due <= now; answers_.pop_front()) {
    Answer& answer = answers_.front();
    if (answer.bytes.empty()) {
      if (accepted_ == most_ && clients_.empty()) listener_.reset();
      answer.client->socket.reset();
    } else {
      send(*answer.client, std::move(answer.bytes));
    }
  }
}

// A client that takes nothing has its socket's buffer for what comes; more is not kept for it.
void PacedServer::send(Client& client, std::string bytes) {
  const bool is_wrong = is_evil_;
  if (is_wrong) bytes[kSize / 2] ^= 1;
  // Before the client can know.
  ++answered_;
  if (is_wrong) ++corrupted_;
  ::send(client.socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace echo::testing
