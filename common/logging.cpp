#include "common/logging.h"

#include <fcntl.h>
#include <fmt/args.h>
#include <poll.h>
#include <pthread.h>
#include <spdlog/async.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include <climits>
#include <nlohmann/json.hpp>

#include "common/descriptor.h"

namespace echo {
namespace {

constexpr std::size_t kQueuedLines = 8192;
constexpr std::chrono::seconds kLastLines{1};

constinit std::atomic<LogFormat> line_format{LogFormat::text};

std::string thread_name() {
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name.data();
}

// Clients and the file system name things; a control character of theirs must not shape the log.
std::string printable(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 || code == 0x7f) {
      result += fmt::format("\\x{:02x}", code);
    } else {
      result += c;
    }
  }
  return result;
}

using Values = fmt::dynamic_format_arg_store<fmt::format_context>;

// A text that names a fact it does not have is a mistake of ours; the event must not vanish for it.
std::string filled(std::string_view text, const Values& values) {
  try {
    return fmt::vformat(text, values);
  } catch (const fmt::format_error&) {
    return std::string(text);
  }
}

std::string text_line(std::string_view text, std::initializer_list<LogField> fields) {
  Values values;
  for (const LogField& field : fields) {
    const std::string name(field.name);
    std::visit(
        [&](const auto& value) {
          if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>) {
            values.push_back(fmt::arg(name.c_str(), printable(value)));
          } else {
            values.push_back(fmt::arg(name.c_str(), value));
          }
        },
        field.value);
  }
  return fmt::format("[{}] {}", thread_name(), filled(text, values));
}

// What stands between the braces after the keys that the pattern in Logging writes.
std::string json_line(std::string_view event, std::initializer_list<LogField> fields) {
  nlohmann::ordered_json line{{"thread", thread_name()}, {"event", event}};
  for (const LogField& field : fields) {
    std::visit([&](const auto& value) { line[std::string(field.name)] = value; }, field.value);
  }
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).substr(1);
}

}  // namespace

void log_event(Level level, std::string_view event, std::string_view text,
               std::initializer_list<LogField> fields) noexcept {
  spdlog::logger* logger = spdlog::default_logger_raw();
  if (logger == nullptr || !logger->should_log(level)) return;
  try {
    const bool json = line_format.load(std::memory_order_relaxed) == LogFormat::json;
    logger->log(level,
                spdlog::string_view_t(json ? json_line(event, fields) : text_line(text, fields)));
  } catch (...) {
    // Out of memory for a line: the service matters more.
  }
}

// Standard error as an open file of our own, which can be non-blocking while the one that other
// processes share stays as it is. Nothing but a pipe or a terminal: a file opened anew would be
// written from its start, and a socket can't be opened.
Descriptor open_anew(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return {};
  if (!S_ISFIFO(status.st_mode) && !S_ISCHR(status.st_mode)) return {};
  return Descriptor(::open(fmt::format("/proc/self/fd/{}", fd).c_str(),
                           O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

// Writes lines to a descriptor when it can take them, so that the queue can end at any time. Where
// the descriptor can't be made non-blocking, poll(2) promises room for PIPE_BUF bytes in a pipe,
// and a socket has more. A full disk fails at once.
class Logging::Output : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit Output(int fd) : own_(open_anew(fd)), fd_(own_ ? own_.get() : fd) {}

  // A reader that is only slow still gets the last lines; one that is stuck costs kLastLines.
  void give_up_soon() { ending_.signal(); }

  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (!write_line(line.data(), line.size())) dropped_.fetch_add(1, std::memory_order_relaxed);
  }
  void flush_() override {}

 private:
  using Clock = std::chrono::steady_clock;

  bool write_line(const char* data, std::size_t size) {
    while (size > 0) {
      if (!wait_for_room()) return false;
      const ssize_t written = ::write(fd_, data, std::min<std::size_t>(size, PIPE_BUF));
      if (written < 0 && errno != EINTR && errno != EAGAIN) return false;
      if (written > 0) {
        data += written;
        size -= static_cast<std::size_t>(written);
      }
    }
    return true;
  }

  // False when there is none and it is time to give up.
  bool wait_for_room() {
    while (true) {
      std::array<pollfd, 2> ready{{{fd_, POLLOUT, 0}, {ending_.descriptor(), POLLIN, 0}}};
      const int found = ::poll(ready.data(), give_up_at_ ? 1 : 2, milliseconds_left());
      if (found < 0 && errno == EINTR) continue;
      if (found <= 0) return false;
      if (ready[0].revents != 0) return true;
      give_up_at_ = Clock::now() + kLastLines;
    }
  }

  int milliseconds_left() const {
    if (!give_up_at_) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*give_up_at_ - Clock::now());
    return std::max(0, static_cast<int>(left.count()));
  }

  const Descriptor own_;
  const int fd_;
  WakeEvent ending_;
  std::optional<Clock::time_point> give_up_at_;  // set once by the logging thread
  std::atomic<std::uint64_t> dropped_{0};
};

Logging::Logging(const LogSettings& settings)
    : output_(std::make_shared<Output>(STDERR_FILENO)),
      queue_(std::make_shared<spdlog::details::thread_pool>(
          kQueuedLines, 1, [] { pthread_setname_np(pthread_self(), "logging"); })) {
  line_format = settings.format;
  auto logger = std::make_shared<spdlog::async_logger>(
      "echo", output_, queue_, spdlog::async_overflow_policy::overrun_oldest);
  const bool json = settings.format == LogFormat::json;
  logger->set_pattern(
      json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v)" : "%Y-%m-%dT%H:%M:%S.%eZ %-5l %v",
      spdlog::pattern_time_type::utc);
  logger->set_level(settings.level);
  spdlog::set_default_logger(std::move(logger));
}

Logging::~Logging() {
  // The last line in the queue must not take the logger with it: it dies here, after the thread.
  const auto logger = spdlog::default_logger();
  spdlog::set_default_logger(nullptr);
  output_->give_up_soon();
  queue_.reset();
}

std::uint64_t Logging::dropped() const {
  return queue_->overrun_counter() + output_->dropped();
}

}  // namespace echo
