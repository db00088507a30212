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
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace echo {
namespace {

constexpr int kFlags = O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

// How long the log waits at its end for a reader that takes nothing; a stop at once takes 200 ms.
constexpr std::chrono::milliseconds kLastLines{100};

// Standard error as an open file of our own, which can be non-blocking while the one that other
// processes share stays as it is: poll(2) says that a pipe has room, but another writer may be
// faster. A file opened anew would be written from its start, and a socket can't be opened.
Descriptor standard_error() {
  struct stat status {};
  if (::fstat(STDERR_FILENO, &status) == 0 &&
      (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode))) {
    Descriptor own(::open("/proc/self/fd/2", kFlags));
    if (own) return own;  // not where it is another user's, or nobody reads the pipe
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
  take_change();
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

// Returns whether there is a new output.
bool LogOutput::take_change() {
  const std::lock_guard lock(change_mutex_);
  changed_.clear();
  if (closed_ && !give_up_at_) give_up_at_ = Clock::now() + kLastLines;
  if (!replacement_) return false;
  output_ = std::move(*replacement_);
  replacement_.reset();
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
    const Next next = wait_for_room();
    if (next == Next::give_up) return false;
    if (next == Next::look_again) {
      if (take_change()) rest = line;
      continue;
    }
    const ssize_t written = write_some(rest);
    if (written < 0 && errno != EINTR && errno != EAGAIN) return false;
    if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
    torn_ = !rest.empty() && (torn_ || written > 0);
  }
  return true;
}

LogOutput::Next LogOutput::wait_for_room() {
  std::array<pollfd, 2> ready{{{output_.get(), POLLOUT, 0}, {changed_.descriptor(), POLLIN, 0}}};
  const int found = ::poll(ready.data(), ready.size(), milliseconds_left());
  if (found < 0 && errno == EINTR) return Next::look_again;
  if (found <= 0) return Next::give_up;
  return ready[1].revents != 0 ? Next::look_again : Next::write;
}

ssize_t LogOutput::write_some(std::string_view bytes) const {
  // The most for which a pipe that is ready has room.
  const std::size_t size = std::min<std::size_t>(bytes.size(), PIPE_BUF);
  if (is_socket_) return ::send(output_.get(), bytes.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL);
  return ::write(output_.get(), bytes.data(), size);
}

int LogOutput::milliseconds_left() const {
  if (!give_up_at_) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*give_up_at_ - Clock::now());
  return std::max(0, static_cast<int>(left.count()));
}

}  // namespace echo
