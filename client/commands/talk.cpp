#include "client/commands/talk.h"

#include <fmt/format.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "client/commands/pipe.h"
#include "client/wire/dialer.h"
#include "client/wire/echo_check.h"
#include "client/wire/resolver.h"
#include "client/wire/stop_signals.h"
#include "common/console.h"
#include "common/error_text.h"
#include "common/exit_code.h"
#include "common/poll.h"
#include "common/units.h"

namespace echo {
namespace {

using Clock = std::chrono::steady_clock;

// poll(2) promises room for PIPE_BUF bytes only; a larger write to a pipe could block and hold up
// the other direction. The option O_NONBLOCK would change the pipe for every process that shares
// it.
std::size_t most_at_once(int output) {
  struct stat status {};
  return ::fstat(output, &status) == 0 && S_ISREG(status.st_mode) ? Pipe::kSize : PIPE_BUF;
}

class Talk {
 public:
  Talk(const TalkOptions& options, int socket, int stop)
      : options_(options), socket_(socket), stop_(stop) {}

  int run() {
    while (!is_over()) {
      if (step() == Step::done) continue;
      if (!wrong_) return exit_interrupted;
      break;  // which is more serious
    }
    if (failure_.empty()) judge();
    if (!failure_.empty()) print_error(fmt::format("echoc: {}", failure_));
    if (wrong_) return exit_corrupt;
    return failure_.empty() ? exit_ok : exit_failed;
  }

 private:
  enum class Step { done, interrupted };

  // What does not happen any more.
  struct Ends {
    bool input = false;      // standard input has ended
    bool sending = false;    // the server takes no more bytes
    bool receiving = false;  // the server sends no more bytes
    bool patience = false;   // it has sent nothing for too long
    int error = 0;           // of the socket: the first one
  };

  bool is_over() const {
    return !failure_.empty() || ((ends_.receiving || ends_.patience) && to_output_.empty());
  }

  Step step() {
    const bool sending = !to_server_.empty() && !ends_.sending;
    const bool wants_input =
        to_server_.empty() && !ends_.input && !ends_.sending && !ends_.receiving;
    const bool wants_echo = to_output_.empty() && !ends_.receiving;
    std::array<pollfd, 4> entries{{
        {wants_input ? STDIN_FILENO : -1, POLLIN, 0},
        {sending || wants_echo ? socket_ : -1, events(sending, wants_echo), 0},
        {to_output_.empty() ? -1 : STDOUT_FILENO, POLLOUT, 0},
        {stop_, POLLIN, 0},
    }};
    // While standard output is full nothing is received, and the server is not to blame.
    const bool is_patient = !ends_.input || !wants_echo || options_.timeout.count() == 0;
    if (!poll_until(entries, is_patient ? kNever : quiet_since_ + options_.timeout)) {
      ends_.patience = true;
      return Step::done;
    }
    if (entries[3].revents != 0) return Step::interrupted;
    if (entries[0].revents != 0) read_input();
    if ((entries[1].revents & (POLLIN | POLLERR | POLLHUP)) != 0 && wants_echo) receive();
    if ((entries[1].revents & (POLLOUT | POLLERR | POLLHUP)) != 0 && sending) send();
    if (entries[2].revents != 0) write_output();
    return Step::done;
  }

  static short events(bool out, bool in) {
    return static_cast<short>((out ? POLLOUT : 0) | (in ? POLLIN : 0));
  }

  void read_input() {
    const auto room = to_server_.room();
    const ssize_t count = ::read(STDIN_FILENO, room.data(), room.size());
    if (count < 0 && is_transient(errno)) return;
    if (count < 0) {
      failure_ = "cannot read standard input: " + error_text(errno);
    } else if (count == 0) {
      ends_.input = true;
      ::shutdown(socket_, SHUT_WR);
      quiet_since_ = Clock::now();  // not before the server is told
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
      check_.sent(bytes.first(static_cast<std::size_t>(count)));
      to_server_.drained(static_cast<std::size_t>(count));
    } else if (!is_transient(errno)) {
      ends_.sending = true;
      if (ends_.error == 0) ends_.error = errno;
    }
  }

  // What is wrong is passed on like the rest: the reader may want to see it.
  void receive() {
    const auto room = to_output_.room();
    const ssize_t count = ::recv(socket_, room.data(), room.size(), 0);
    if (count > 0) {
      const auto wrong = check_.received(room.first(static_cast<std::size_t>(count)));
      if (wrong) wrong_ = wrong;
      to_output_.filled(static_cast<std::size_t>(count));
      quiet_since_ = Clock::now();
    } else if (count == 0) {
      ends_.receiving = true;
    } else if (!is_transient(errno)) {
      ends_.receiving = true;
      if (ends_.error == 0) ends_.error = errno;
    }
  }

  void write_output() {
    const auto bytes = to_output_.bytes();
    const ssize_t count =
        ::write(STDOUT_FILENO, bytes.data(), std::min(bytes.size(), write_limit_));
    if (count >= 0) {
      to_output_.drained(static_cast<std::size_t>(count));
      quiet_since_ = Clock::now();
    } else if (!is_transient(errno)) {
      failure_ = "cannot write to standard output: " + error_text(errno);
    }
  }

  void judge() {
    if (wrong_) {
      failure_ = describe(*wrong_);
      return;
    }
    // The end of input may have come together with the end of the connection.
    std::array<pollfd, 1> input{{{STDIN_FILENO, POLLIN, 0}}};
    if (!ends_.input && to_server_.empty() && poll_until(input, SteadyTime())) read_input();
    const bool is_complete = ends_.input && ends_.error == 0 && check_.bytes_received() >= read_;
    if (is_complete && ends_.patience) {
      print_error(fmt::format("echoc: {} did not close its side within {}", options_.address.text(),
                              duration_text(options_.timeout)));
    }
    if (is_complete || !failure_.empty()) return;
    failure_ = fmt::format("{} {}: {} of {} bytes came back{}", options_.address.text(), how(),
                           check_.bytes_received(), read_,
                           ends_.input ? "" : ", and the input had not ended");
  }

  std::string how() const {
    if (ends_.patience) return "sent nothing for " + duration_text(options_.timeout);
    if (ends_.error == 0) return "closed the connection";
    return fmt::format("ended the connection ({})", error_text(ends_.error));
  }

  std::string describe(const EchoCheck::Wrong& wrong) const {
    const std::string name = options_.address.text();
    if (wrong.unexpected) {
      return fmt::format("{} sent more than it got: the byte at offset {} was never sent", name,
                         wrong.first);
    }
    if (wrong.first == wrong.last) {
      return fmt::format("{} sent back a wrong byte at offset {}", name, wrong.first);
    }
    return fmt::format("{} sent back a wrong byte between the offsets {} and {}", name, wrong.first,
                       wrong.last);
  }

  const TalkOptions& options_;
  const int socket_;
  const int stop_;
  const std::size_t write_limit_ = most_at_once(STDOUT_FILENO);
  Pipe to_server_;
  Pipe to_output_;
  EchoCheck check_;
  std::optional<EchoCheck::Wrong> wrong_;
  std::uint64_t read_ = 0;  // bytes from standard input
  Ends ends_;
  SteadyTime quiet_since_;
  std::string failure_;
};

}  // namespace

int run_talk(const TalkOptions& options) {
  const Signals stop = stop_signals();
  Resolver resolver(options.address);
  const auto endpoints = resolver.resolve(stop.descriptor());
  if (!endpoints) return exit_interrupted;
  Route route(*endpoints);
  const Dialed connection = dial_and_wait(route, options.connect_timeout, stop.descriptor());
  if (connection.interrupted) return exit_interrupted;
  if (!connection) {
    throw std::runtime_error(
        fmt::format("cannot connect to {}: {}", options.address.text(), route.tried()));
  }
  return Talk(options, connection.socket.get(), stop.descriptor()).run();
}

}  // namespace echo
