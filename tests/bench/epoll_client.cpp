// A client with one epoll loop for all connections: as little as can be done for a message.
//   keep [PIPELINE]  messages on kept connections, this many outstanding on each
//   anew             a new connection for each message
//   idle             each connection echoes one message and is silent from then on
//   arrive RATE      so many new connections a second, which echo one message and stay; the
//                    latency is that from the time when a connection was due to its echo
#include <sys/epoll.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <vector>

#include "tests/bench/client.h"

namespace echo::bench {

namespace {

using Clock = std::chrono::steady_clock;

class Client {
 public:
  explicit Client(const Arguments& arguments)
      : arguments_(arguments),
        message_(arguments.size, 'x'),
        window_(arguments.size *
                (arguments.mode == "keep" ? static_cast<std::size_t>(arguments.value) : 1)),
        anew_(arguments.mode == "anew") {}

  int run() {
    const bool arrive = arguments_.mode == "arrive";
    if (!arrive) join();
    if (arguments_.mode == "keep") warm_up();
    say_measuring();
    latencies_ = {};
    const std::uint64_t before = echoed_;
    const auto start = Clock::now();
    if (arrive) {
      let_arrive(start);
    } else {
      const auto end = start + std::chrono::duration_cast<Clock::duration>(
                                   std::chrono::duration<double>(arguments_.seconds));
      while (Clock::now() < end) poll(end);
    }
    const std::chrono::duration<double> elapsed = Clock::now() - start;
    say_result(echoed_ - before, elapsed.count(), &latencies_);
    return 0;
  }

 private:
  static constexpr auto kLong = std::chrono::seconds(10);
  // Connections at once that have no echo yet. A server's accept queue holds 4,096, and what comes
  // when it is full waits for retransmissions, or is reset after some.
  static constexpr int kJoining = 256;

  struct Connection {
    bool used = false;
    Clock::time_point since;  // when the oldest message was sent, the connection made or due
    std::size_t outstanding = 0;
    std::size_t received = 0;  // of the oldest message
    bool first = true;
  };

  // Every connection has its echo, and so its thread or process, before the clock starts. Until
  // then those that have theirs are silent: they would keep the server from accepting the others.
  void join() {
    for (int opened = 0; firsts_ < arguments_.connections;) {
      while (opened < arguments_.connections && opened - firsts_ < kJoining) {
        open(Clock::now());
        ++opened;
      }
      poll(Clock::now() + kLong);
    }
  }

  // For 200 ms, and until every connection has an echo to show since all of them talk.
  void warm_up() {
    talking_ = true;
    firsts_ = 0;
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      if (!connections_[i].used) continue;
      connections_[i].since = Clock::now();
      connections_[i].first = true;
      fill(static_cast<int>(i), connections_[i]);
    }
    const auto warm = Clock::now() + std::chrono::milliseconds(200);
    while (Clock::now() < warm) poll(warm);
    while (firsts_ < arguments_.connections) poll(Clock::now() + kLong);
  }

  void open(Clock::time_point due) {
    const int socket = connect(arguments_.port, SOCK_NONBLOCK);
    if (!anew_) {  // no TIME_WAIT of what the next run would find: the end resets
      const linger reset{1, 0};
      ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
    const auto index = static_cast<std::size_t>(socket);
    if (index >= connections_.size()) connections_.resize(index + 1000);
    connections_[index] = {};
    connections_[index].used = true;
    connections_[index].since = due;
    // On loopback it mostly is connected by now. Where the server's backlog is full it is not, and
    // the others must not wait for it.
    fill(socket, connections_[index]);
    const bool connecting = connections_[index].outstanding == 0;
    watch(EPOLL_CTL_ADD, socket, connecting ? EPOLLOUT : EPOLLIN);
  }

  void watch(int operation, int socket, std::uint32_t events) const {
    epoll_event event{};
    event.events = events;
    event.data.fd = socket;
    ::epoll_ctl(epoll_, operation, socket, &event);
  }

  // What does not fit in the socket's buffer goes out when the next echo comes.
  void fill(int socket, Connection& connection) {
    const std::size_t window = talking_ ? window_ : arguments_.size;
    while (connection.outstanding < window) {
      const std::size_t want = std::min(message_.size(), window - connection.outstanding);
      const ssize_t sent = ::send(socket, message_.data(), want, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno == EAGAIN) return;
      if (sent < 0) fail("send");
      connection.outstanding += static_cast<std::size_t>(sent);
    }
  }

  void poll(Clock::time_point until) {
    const auto wait = std::max(until - Clock::now(), Clock::duration::zero());
    const timespec timeout{wait / std::chrono::seconds(1), wait.count() % 1'000'000'000};
    const int count =
        ::epoll_pwait2(epoll_, ready_.data(), static_cast<int>(ready_.size()), &timeout, nullptr);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = ready_[static_cast<std::size_t>(i)];
      const int socket = event.data.fd;
      if (event.events == EPOLLOUT) {  // connected
        watch(EPOLL_CTL_MOD, socket, EPOLLIN);
        fill(socket, connections_[static_cast<std::size_t>(socket)]);
      } else {
        receive(socket);
      }
    }
  }

  void receive(int socket) {
    Connection& connection = connections_[static_cast<std::size_t>(socket)];
    const ssize_t bytes = ::recv(socket, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (bytes < 0 && errno == EAGAIN) return;
    if (bytes <= 0) fail("recv");
    connection.outstanding -= static_cast<std::size_t>(bytes);
    connection.received += static_cast<std::size_t>(bytes);
    if (connection.received >= arguments_.size) {
      const auto now = Clock::now();
      latencies_.record(static_cast<std::uint64_t>((now - connection.since).count()));
      connection.since = now;
      echoed_ += connection.received / arguments_.size;
      connection.received %= arguments_.size;
      if (connection.first) ++firsts_;
      connection.first = false;
      if (anew_) {
        ::close(socket);
        open(Clock::now());
        return;
      }
    }
    if (talking_ || connection.first) fill(socket, connection);
  }

  void let_arrive(Clock::time_point start) {
    const auto gap = std::chrono::nanoseconds(1'000'000'000) / arguments_.value;
    for (int i = 0; i < arguments_.connections; ++i) {
      const auto due = start + i * gap;
      while (Clock::now() < due) poll(due);
      open(due);
    }
    while (firsts_ < arguments_.connections) poll(Clock::now() + kLong);
  }

  const Arguments arguments_;
  const std::vector<char> message_;
  const std::size_t window_;
  const bool anew_;
  bool talking_ = false;  // beyond the first message of each connection
  const int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<char> buffer_ = std::vector<char>(256 * 1024);
  std::array<epoll_event, 256> ready_{};
  std::vector<Connection> connections_;  // by descriptor
  Latencies latencies_;
  std::uint64_t echoed_ = 0;
  int firsts_ = 0;
};

}  // namespace

}  // namespace echo::bench

int main(int argc, char** argv) {
  return echo::bench::Client(echo::bench::parse(argc, argv)).run();
}
