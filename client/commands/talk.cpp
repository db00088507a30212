#include "client/commands/talk.h"

#include <fmt/format.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "client/wire/dialer.h"
#include "common/exit_code.h"
#include "common/poll.h"

namespace echo {
namespace {

constexpr std::size_t kBufferSize = 256 * 1024;

// Bytes on their way from one descriptor to another.
class Pipe {
 public:
  bool empty() const { return first_ == last_; }
  std::span<char> room() { return empty() ? std::span(bytes_) : std::span<char>(); }
  std::span<const char> bytes() const { return std::span(bytes_).subspan(first_, last_ - first_); }
  void filled(std::size_t count) {
    first_ = 0;
    last_ = count;
  }
  void drained(std::size_t count) { first_ += count; }
  void clear() { first_ = last_ = 0; }

 private:
  std::vector<char> bytes_ = std::vector<char>(kBufferSize);
  std::size_t first_ = 0;
  std::size_t last_ = 0;
};

bool is_transient(int error) {
  return error == EINTR || error == EAGAIN || error == EWOULDBLOCK;
}

// poll(2) promises room for PIPE_BUF bytes only; a larger write to a pipe could block and hold up
// the other direction. Setting O_NONBLOCK would change the pipe for every process that shares it.
std::size_t most_at_once(int output) {
  struct stat status {};
  return ::fstat(output, &status) == 0 && S_ISREG(status.st_mode) ? kBufferSize : PIPE_BUF;
}

class Talk {
 public:
  Talk(const std::string& name, Connection connection)
      : name_(name),
        connection_(std::move(connection)),
        socket_(connection_.socket.get()),
        write_limit_(most_at_once(STDOUT_FILENO)) {}

  int run() {
    while (failure_.empty() && !(server_done_ && to_output_.empty())) step();
    if (failure_.empty()) judge();
    if (failure_.empty()) return exit_ok;
    fmt::print(stderr, "echoc: {}\n", failure_);
    return exit_failed;
  }

 private:
  void step() {
    const bool sending = !to_server_.empty() && !server_gone_;
    const bool wants_input = to_server_.empty() && !input_done_ && !server_gone_ && !server_done_;
    const bool wants_echo = to_output_.empty() && !server_done_;
    std::array<pollfd, 3> entries{{
        {wants_input ? STDIN_FILENO : -1, POLLIN, 0},
        {sending || wants_echo ? socket_ : -1, events(sending, wants_echo), 0},
        {to_output_.empty() ? -1 : STDOUT_FILENO, POLLOUT, 0},
    }};
    poll_until(entries, kNever);
    if (entries[0].revents != 0) read_input();
    if ((entries[1].revents & (POLLIN | POLLERR | POLLHUP)) != 0 && wants_echo) receive();
    if ((entries[1].revents & (POLLOUT | POLLERR | POLLHUP)) != 0 && sending) send();
    if (entries[2].revents != 0) write_output();
  }

  static short events(bool out, bool in) {
    return static_cast<short>((out ? POLLOUT : 0) | (in ? POLLIN : 0));
  }

  void read_input() {
    const auto room = to_server_.room();
    const ssize_t count = ::read(STDIN_FILENO, room.data(), room.size());
    if (count < 0 && is_transient(errno)) return;
    if (count < 0) {
      failure_ = "cannot read standard input: " + std::generic_category().message(errno);
    } else if (count == 0) {
      input_done_ = true;
      ::shutdown(socket_, SHUT_WR);
    } else {
      read_ += static_cast<std::uint64_t>(count);
      to_server_.filled(static_cast<std::size_t>(count));
    }
  }

  // A failed send ends only the sending: what the server had echoed before may still be read.
  void send() {
    const auto bytes = to_server_.bytes();
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count >= 0) {
      to_server_.drained(static_cast<std::size_t>(count));
    } else if (!is_transient(errno)) {
      server_gone_ = true;
      if (socket_error_ == 0) socket_error_ = errno;
    }
  }

  void receive() {
    const auto room = to_output_.room();
    const ssize_t count = ::recv(socket_, room.data(), room.size(), 0);
    if (count > 0) {
      received_ += static_cast<std::uint64_t>(count);
      to_output_.filled(static_cast<std::size_t>(count));
    } else if (count == 0) {
      server_done_ = true;
    } else if (!is_transient(errno)) {
      server_done_ = true;
      if (socket_error_ == 0) socket_error_ = errno;
    }
  }

  void write_output() {
    const auto bytes = to_output_.bytes();
    const ssize_t count =
        ::write(STDOUT_FILENO, bytes.data(), std::min(bytes.size(), write_limit_));
    if (count >= 0) {
      to_output_.drained(static_cast<std::size_t>(count));
    } else if (!is_transient(errno)) {
      failure_ = "cannot write to standard output: " + std::generic_category().message(errno);
    }
  }

  // The end of input may have come together with the end of the connection.
  void judge() {
    std::array<pollfd, 1> input{{{STDIN_FILENO, POLLIN, 0}}};
    if (!input_done_ && to_server_.empty() && poll_until(input, SteadyTime())) read_input();
    if (!failure_.empty() || (input_done_ && received_ >= read_)) return;
    const std::string how = socket_error_ == 0
                                ? "closed the connection"
                                : fmt::format("ended the connection ({})",
                                              std::generic_category().message(socket_error_));
    failure_ = fmt::format("{} {}: {} of {} bytes came back{}", name_, how, received_, read_,
                           input_done_ ? "" : ", and the input had not ended");
  }

  const std::string name_;
  const Connection connection_;
  const int socket_;
  const std::size_t write_limit_;
  Pipe to_server_;
  Pipe to_output_;
  std::uint64_t read_ = 0;  // from standard input
  std::uint64_t received_ = 0;
  bool input_done_ = false;
  bool server_gone_ = false;  // takes no more bytes
  bool server_done_ = false;  // sends no more bytes
  int socket_error_ = 0;
  std::string failure_;
};

}  // namespace

int run(const TalkOptions& options) {
  const std::string name = options.address.text();
  Connection connection =
      connect_to(endpoints_to_connect(options.address), options.connect_timeout);
  if (!connection) {
    fmt::print(stderr, "echoc: cannot connect to {}: {}\n", name, connection.failure);
    return exit_failed;
  }
  return Talk(name, std::move(connection)).run();
}

}  // namespace echo
