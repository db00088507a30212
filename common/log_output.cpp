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
#include <stdexcept>
#include <utility>

#include "common/error_text.h"
#include "common/journal.h"

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

// Opening such a stream by its name needs the permission of whoever made it, as after a change of
// user; one that is open already does not.
std::string way_out(const std::string& file, int error) {
  const bool is_stream = file.starts_with("/dev/") || file.starts_with("/proc/");
  if (error != EACCES && !(is_stream && error == ENXIO)) return {};
  if (is_stream) return "; without a log file the log goes to standard error, which is open";
  return fmt::format("; it is opened as the user with the id {}, who must be able to write it",
                     ::geteuid());
}

spdlog::pattern_formatter pattern(const char* text) {
  return spdlog::pattern_formatter(text, spdlog::pattern_time_type::utc);
}

// sd-daemon(3), syslog(3).
std::string_view journal_priority(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::critical:
      return "<2>";
    case spdlog::level::err:
      return kJournalError;
    case spdlog::level::warn:
      return kJournalWarning;
    case spdlog::level::info:
      return "<6>";
    default:
      return "<7>";
  }
}

}  // namespace

Descriptor LogOutput::open(const std::string& file) {
  constexpr mode_t kMode = 0640;
  Descriptor output =
      file.empty() ? standard_error() : Descriptor(::open(file.c_str(), kFlags | O_CREAT, kMode));
  if (!output) {
    const int error = errno;
    throw std::runtime_error(fmt::format("cannot open the log file {}: {}{}",
                                         file.empty() ? "(standard error)" : file,
                                         error_text(error), way_out(file, error)));
  }
  return output;
}

LogOutput::LogOutput(Descriptor output)
    : patterns_{
          .text = pattern("%Y-%m-%dT%H:%M:%S.%eZ %-5l %v"),
          .json = pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v)"),
          .journal_text = pattern("%-5l %v"),
          .journal_json = pattern(R"({"level":"%l",%v)"),
      } {
  replace(std::move(output));
  take_change();
}

void LogOutput::replace(Descriptor output) {
  const MutexLock lock(change_mutex_);
  replacement_ = std::move(output);
  changed_.signal();
}

void LogOutput::close() {
  const MutexLock lock(change_mutex_);
  closed_ = true;
  changed_.signal();
}

// Returns whether there is a new output.
bool LogOutput::take_change() {
  const MutexLock lock(change_mutex_);
  changed_.clear();
  if (closed_ && !give_up_at_) give_up_at_ = Clock::now() + kLastLines;
  if (!replacement_) return false;
  output_ = std::move(*replacement_);
  replacement_.reset();
  struct stat status {};
  is_socket_ = ::fstat(output_.get(), &status) == 0 && S_ISSOCK(status.st_mode);
  is_journal_ = is_journal(output_.get());
  torn_ = false;
  return true;
}

void LogOutput::sink_it_(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t line;
  if (torn_) line.push_back('\n');
  format_line(message, line);
  if (!write_line({line.data(), line.size()})) dropped_.fetch_add(1, std::memory_order_relaxed);
}

void LogOutput::format_line(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) {
  // A text begins with the thread in brackets, an object goes on with a key in quotes.
  const bool is_json = message.payload.size() > 0 && message.payload[0] == '"';
  if (!is_journal_) return (is_json ? patterns_.json : patterns_.text).format(message, line);
  const std::string_view priority = journal_priority(message.level);
  line.append(priority.data(), priority.data() + priority.size());
  (is_json ? patterns_.journal_json : patterns_.journal_text).format(message, line);
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
