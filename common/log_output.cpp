#include "common/log_output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace echo {
namespace {

constexpr int kFlags = O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

// poll(2) says that a pipe has room, but another process that has it too may be faster. Only a
// description of our own can be non-blocking without a change for the others.
Descriptor standard_error() {
  struct stat status {};
  if (::fstat(STDERR_FILENO, &status) == 0 &&
      (S_ISFIFO(status.st_mode) || ::isatty(STDERR_FILENO) != 0)) {
    Descriptor own(::open("/proc/self/fd/2", kFlags));
    if (own) return own;  // not where the pipe is another user's
  }
  return Descriptor(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

}  // namespace

Descriptor LogOutput::open(const std::string& file) {
  constexpr mode_t kMode = 0640;
  Descriptor output =
      file.empty() ? standard_error() : Descriptor(::open(file.c_str(), kFlags | O_CREAT, kMode));
  if (!output) {
    throw std::runtime_error(fmt::format("cannot open the log file {}: {}",
                                         file.empty() ? "(standard error)" : file,
                                         std::strerror(errno)));
  }
  return output;
}

LogOutput::LogOutput(Descriptor output)
    : text_("%Y-%m-%dT%H:%M:%S.%eZ %-5l %v", spdlog::pattern_time_type::utc),
      json_(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v)", spdlog::pattern_time_type::utc) {
  replace(std::move(output));
  take_replacement();
}

void LogOutput::replace(Descriptor output) {
  const std::lock_guard lock(change_mutex_);
  replacement_ = std::move(output);
  changed_.signal();
}

void LogOutput::close() {
  const std::lock_guard lock(change_mutex_);
  closed_ = true;
  changed_.signal();
}

bool LogOutput::take_replacement() {
  const std::lock_guard lock(change_mutex_);
  if (!replacement_) return false;
  output_ = std::move(*replacement_);
  replacement_.reset();
  if (!closed_) changed_.clear();
  struct stat status {};
  is_socket_ = ::fstat(output_.get(), &status) == 0 && S_ISSOCK(status.st_mode);
  torn_ = false;
  return true;
}

void LogOutput::sink_it_(const spdlog::details::log_msg& message) {
  // Each line is in the format that was asked for when it was logged: a text begins with the
  // thread in brackets, an object goes on with a key in quotes.
  const bool is_json = message.payload.size() > 0 && message.payload[0] == '"';
  spdlog::memory_buf_t line;
  if (torn_) line.push_back('\n');
  (is_json ? json_ : text_).format(message, line);
  if (!write_line({line.data(), line.size()})) dropped_.fetch_add(1, std::memory_order_relaxed);
}

bool LogOutput::write_line(std::string_view line) {
  std::string_view rest = line;
  while (!rest.empty()) {
    std::array<pollfd, 2> ready{{{output_.get(), POLLOUT, 0}, {changed_.descriptor(), POLLIN, 0}}};
    if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) return false;
    if (ready[1].revents != 0 && take_replacement()) {
      rest = line;
    } else if (ready[0].revents != 0) {
      // The most for which a pipe that is ready has room.
      const std::size_t size = std::min<std::size_t>(rest.size(), PIPE_BUF);
      const ssize_t written =
          is_socket_ ? ::send(output_.get(), rest.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL)
                     : ::write(output_.get(), rest.data(), size);
      if (written < 0 && errno != EINTR && errno != EAGAIN) return false;
      if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
      torn_ = !rest.empty() && (torn_ || written > 0);
    } else if (ready[1].revents != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace echo
