#include "server/monitoring/http_server.h"

#include <httplib.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <utility>

#include "common/logging.h"

namespace echo {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kThreads = 3;
constexpr int kBacklog = 16;

// Scrapers ask in some hundred bytes. httplib matches headers with std::regex, whose stack grows
// with the text.
constexpr std::size_t kMostRequest = 8192;
constexpr std::size_t kStackSize = std::size_t{8} * 1024 * 1024;

constexpr std::chrono::milliseconds kBackOff{100};

// One connection, for as long as `until`. A byte now and then does not buy more time.
class Client : public httplib::Stream {
 public:
  Client(Descriptor socket, Clock::time_point until, int stop)
      : socket_(std::move(socket)), until_(until), stop_(stop) {}

  bool is_readable() const override { return begin_ < end_ || wait(POLLIN); }
  bool is_writable() const override { return wait(POLLOUT); }

  // httplib asks for single bytes.
  ssize_t read(char* to, std::size_t size) override {
    if (begin_ == end_) {
      const ssize_t got = fill();
      if (got <= 0) return got;
    }
    const std::size_t count = std::min(size, end_ - begin_);
    std::copy_n(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_), count, to);
    begin_ += count;
    return static_cast<ssize_t>(count);
  }

  ssize_t write(const char* from, std::size_t size) override {
    std::string_view rest(from, size);
    while (!rest.empty()) {
      const ssize_t sent = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        rest.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno != EINTR && (errno != EAGAIN || !wait(POLLOUT))) {
        return -1;
      }
    }
    return static_cast<ssize_t>(size);
  }

  void get_remote_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  void get_local_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  int socket() const override { return socket_.get(); }

 private:
  ssize_t fill() {
    for (;;) {
      const std::size_t left = kMostRequest - read_;
      if (left == 0) return -1;
      const ssize_t got = ::recv(socket_.get(), buffer_.data(), std::min(left, buffer_.size()), 0);
      if (got >= 0) {
        begin_ = 0;
        end_ = static_cast<std::size_t>(got);
        read_ += end_;
        return got;
      }
      if (errno != EINTR && (errno != EAGAIN || !wait(POLLIN))) return -1;
    }
  }

  bool wait(short events) const {
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until_ - Clock::now());
      if (left.count() <= 0) return false;
      std::array<pollfd, 2> ready{{{stop_, POLLIN, 0}, {socket_.get(), events, 0}}};
      const int count = ::poll(ready.data(), ready.size(), static_cast<int>(left.count()));
      if (count < 0 && errno == EINTR) continue;
      return count > 0 && ready[0].revents == 0;
    }
  }

  const Descriptor socket_;
  const Clock::time_point until_;
  const int stop_;
  std::array<char, 1024> buffer_{};
  std::size_t begin_ = 0;  // in buffer_, of what has not been asked for yet
  std::size_t end_ = 0;
  std::size_t read_ = 0;  // of the whole request
};

}  // namespace

// httplib knows HTTP, the rest is ours: its accept ends for good at the first ECONNABORTED, its
// time limits begin anew with every byte, and its stop waits for who is slow.
class HttpServer::Router : public httplib::Server {
 public:
  explicit Router(const Pages& pages) {
    for (const auto& [path, make] : pages) {
      Get(path, [make = make](const httplib::Request&, httplib::Response& response) {
        const Answer answer = make();
        response.status = answer.status;
        response.set_content(answer.body, answer.type);
      });
    }
  }

  void answer(Client& client) {
    bool closed = false;
    process_request(client, true, closed, nullptr);
  }

  // httplib fills tables of its own at the first request. ThreadSanitizer, which does not see into
  // the library, takes their guard for none; so they are filled before there are threads.
  void fill_tables(int stop) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return;
    const Descriptor asking(ends[0]);
    constexpr std::string_view kRequest = "GET /nothing HTTP/1.1\r\nConnection: close\r\n\r\n";
    ::send(asking.get(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL);
    Client client(Descriptor(ends[1]), Clock::now() + std::chrono::seconds(1), stop);
    answer(client);
  }
};

HttpServer::HttpServer(const std::optional<Address>& address, std::chrono::nanoseconds patience)
    : patience_(patience) {
  if (address) sockets_ = ListeningSocket::open(context_, *address, kBacklog);
}

HttpServer::~HttpServer() {
  stop();
}

std::vector<std::string> HttpServer::addresses() const {
  std::vector<std::string> result;
  for (const ListeningSocket& socket : sockets_) result.push_back(socket.address());
  return result;
}

void HttpServer::start(const Pages& pages) {
  if (sockets_.empty()) return;
  router_ = std::make_unique<Router>(pages);
  router_->fill_tables(stop_.descriptor());
  for (int i = 0; i < kThreads; ++i) {
    threads_.emplace_back(
        "metrics", [this] { run(); }, kStackSize);
  }
}

void HttpServer::stop() {
  stop_.signal();
  threads_.clear();
  sockets_.clear();
}

void HttpServer::run() {
  std::vector<pollfd> ready(1 + sockets_.size(), {stop_.descriptor(), POLLIN, 0});
  for (std::size_t i = 0; i < sockets_.size(); ++i) ready[i + 1].fd = sockets_[i].descriptor();
  for (;;) {
    if (::poll(ready.data(), ready.size(), -1) < 0) {
      if (errno != EINTR) back_off();
      ready[0].revents = 0;
    }
    if (ready[0].revents != 0) return;
    for (std::size_t i = 0; i < sockets_.size(); ++i) {
      if (ready[i + 1].revents != 0) answer_one(sockets_[i]);
    }
  }
}

void HttpServer::answer_one(ListeningSocket& socket) try {
  Descriptor accepted(
      ::accept4(socket.descriptor(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!accepted) {
    // EAGAIN: another of the threads was faster.
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) back_off();
    return;
  }
  const int now = 1;  // the answer is sent in two parts; a unix socket does not mind
  ::setsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &now, sizeof now);
  Client client(std::move(accepted), Clock::now() + patience_, stop_.descriptor());
  router_->answer(client);
} catch (const std::exception& error) {
  log_event(Level::err, "http_failed", "a page for monitoring failed: {what}",
            {{"what", error.what()}});
}

// For want of descriptors or memory, which does not make poll(2) wait.
void HttpServer::back_off() {
  pollfd stop{stop_.descriptor(), POLLIN, 0};
  ::poll(&stop, 1, static_cast<int>(kBackOff.count()));
}

}  // namespace echo
