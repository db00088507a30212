// An echo server that keeps a record of its own, to judge what a client claims to have measured. It
// shares no code with the programs of this project. It listens on a free port of 127.0.0.1 and
// prints that. Messages have N bytes. Each is answered as a whole, in the order of its connection:
// after US microseconds; every n-th one late; none during a stall; or at most N per second in all.
// At SIGTERM it prints what it counted and writes a line per message, in nanoseconds of the steady
// clock: when its first byte was read, when its last byte was, and when the last send began. A
// client cannot have measured less than from the second of these to the third, nor, unless it was
// itself late in sending what follows the first byte, than from the first. Status 1 if a file or
// socket fails.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cinttypes>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "tests/support/reference_behaviour.h"

using echo::testing::Behaviour;
using echo::testing::now;
using echo::testing::Ns;

namespace {
void set_option(int socket, int level, int name, int value) {
  ::setsockopt(socket, level, name, &value, sizeof value);
}

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

struct Line {
  int connection = 0;
  Ns first = 0, received = 0, sent = 0;
};

struct Message {
  std::string bytes;
  std::size_t line = 0;
  Ns due = 0;
};

struct Client {
  int socket = -1;
  int number = 0;
  std::string input;
  Ns first = 0;
  std::deque<Message> messages;  // not yet answered
  std::size_t sent = 0;          // bytes of the first of them
  bool has_ended = false, wants_room = false;
};

using Due = std::pair<Ns, int>;  // when, and the socket

class Server {
 public:
  // Ends at one of `signals`, which are blocked.
  Server(const Behaviour& behaviour, const sigset_t& signals)
      : behaviour_(behaviour),
        listener_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)),
        timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)),
        stop_(::signalfd(-1, &signals, SFD_NONBLOCK)),
        epoll_(::epoll_create1(0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const name = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, name, size) != 0 || ::listen(listener_, 4096) != 0) fail("listen");
    ::getsockname(listener_, name, &size);
    std::printf("127.0.0.1:%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
    watch(EPOLL_CTL_ADD, timer_, EPOLLIN);
    watch(EPOLL_CTL_ADD, stop_, EPOLLIN);
  }

  void run() {
    std::array<epoll_event, 256> events{};
    while (!stopped_) {
      const int patience = behaviour_.polls ? 0 : -1;
      const int count = ::epoll_wait(epoll_, events.data(), events.size(), patience);
      for (int i = 0; i < count; ++i) on_ready(events[static_cast<std::size_t>(i)]);
      answer_due();
    }
  }

  void report() const {
    std::printf("%d connections, %zu messages, %llu bytes received, %llu bytes sent\n", accepted_,
                lines_.size(), static_cast<unsigned long long>(received_),
                static_cast<unsigned long long>(sent_));
    std::FILE* const file = std::fopen(behaviour_.log.c_str(), "w");
    if (file == nullptr) fail(behaviour_.log.c_str());
    std::fprintf(file, "connection,first_ns,received_ns,sent_ns\n");
    for (const Line& line : lines_) {
      std::fprintf(file, "%d,%lld,%lld,%lld\n", line.connection, static_cast<long long>(line.first),
                   static_cast<long long>(line.received), static_cast<long long>(line.sent));
    }
    if (std::fclose(file) != 0) fail(behaviour_.log.c_str());
  }

 private:
  void watch(int operation, int descriptor, std::uint32_t wanted) const {
    epoll_event event{};
    event.events = wanted;
    event.data.fd = descriptor;
    if (::epoll_ctl(epoll_, operation, descriptor, &event) != 0) fail("epoll_ctl");
  }

  void on_ready(const epoll_event& event) {
    const int descriptor = event.data.fd;
    if (descriptor == listener_) return accept_all();
    if (descriptor == timer_) return;  // setting it anew makes it unreadable
    if (descriptor == stop_) {
      stopped_ = true;
      return;
    }
    const auto at = clients_.find(descriptor);
    if (at == clients_.end()) return;
    if ((event.events & ~EPOLLOUT) != 0) receive(*at->second);
    send_due(*at->second);
    close_if_over(descriptor);
  }

  void accept_all() {
    for (int socket; (socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
      set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
      // So that the last send of a large message begins when little of it is still under way.
      set_option(socket, SOL_SOCKET, SO_SNDBUF, 64 * 1024);
      clients_[socket] = std::make_unique<Client>(Client{socket, ++accepted_, {}, 0, {}, 0});
      watch(EPOLL_CTL_ADD, socket, EPOLLIN);
    }
  }

  void receive(Client& client) {
    while (!client.has_ended) {
      const ssize_t count = ::recv(client.socket, buffer_.data(), buffer_.size(), 0);
      if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (count <= 0) {
        client.has_ended = true;
        watch(EPOLL_CTL_MOD, client.socket, 0);
        if (count < 0) client.messages.clear();  // reset: nobody is there to be answered
        return;
      }
      take(client, {buffer_.data(), static_cast<std::size_t>(count)}, now());
    }
  }

  void take(Client& client, std::string_view bytes, Ns time) {
    received_ += bytes.size();
    while (!bytes.empty()) {
      if (client.input.empty()) client.first = time;
      const auto part = bytes.substr(0, behaviour_.size - client.input.size());
      client.input += part;
      bytes.remove_prefix(part.size());
      if (client.input.size() < behaviour_.size) return;
      Ns due = behaviour_.due(time);
      if (!client.messages.empty()) due = std::max(due, client.messages.back().due);
      client.messages.push_back({std::move(client.input), lines_.size(), due});
      client.input.clear();
      lines_.push_back({client.number, client.first, time, 0});
      due_.emplace(due, client.socket);
    }
  }

  // The answers that are due, then the timer for the next one.
  void answer_due() {
    while (!due_.empty() && due_.top().first <= now()) {
      const int socket = due_.top().second;
      due_.pop();
      const auto at = clients_.find(socket);
      if (at == clients_.end()) continue;
      send_due(*at->second);
      close_if_over(socket);
    }
    const Ns next = due_.empty() ? 0 : due_.top().first;
    itimerspec time{};
    time.it_value = {next / 1'000'000'000, next % 1'000'000'000};
    ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &time, nullptr);
  }

  void send_due(Client& client) {
    bool is_full = false;
    while (!is_full && !client.messages.empty() && client.messages.front().due <= now()) {
      const Message& message = client.messages.front();
      const auto rest = std::string_view(message.bytes).substr(client.sent);
      const Ns before = now();
      const ssize_t count = ::send(client.socket, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (count < 0 && errno != EAGAIN && errno != EINTR) return client.messages.clear();
      is_full = count < 0 && errno == EAGAIN;
      if (count < 0) continue;
      sent_ += static_cast<std::uint64_t>(count);
      client.sent += static_cast<std::size_t>(count);
      if (client.sent < message.bytes.size()) continue;
      lines_[message.line].sent = before;
      client.sent = 0;
      client.messages.pop_front();
    }
    if (is_full == client.wants_room) return;
    client.wants_room = is_full;
    const std::uint32_t in = client.has_ended ? 0u : std::uint32_t{EPOLLIN};
    watch(EPOLL_CTL_MOD, client.socket, in | (is_full ? std::uint32_t{EPOLLOUT} : 0u));
  }

  void close_if_over(int socket) {
    const auto at = clients_.find(socket);
    if (!at->second->has_ended || !at->second->messages.empty()) return;
    ::close(socket);
    clients_.erase(at);
  }

  Behaviour behaviour_;
  const int listener_;
  const int timer_;
  const int stop_;
  const int epoll_;
  bool stopped_ = false;
  std::vector<char> buffer_ = std::vector<char>(256 * 1024);
  std::map<int, std::unique_ptr<Client>> clients_;  // by socket
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::vector<Line> lines_;
  std::uint64_t received_ = 0;
  std::uint64_t sent_ = 0;
  int accepted_ = 0;
};

}  // namespace

int main(int count, char** words) {
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  sigprocmask(SIG_BLOCK, &term, nullptr);
  Server server(echo::testing::parse_behaviour(count, words), term);
  server.run();
  server.report();
}
