#include "common/logging.h"

#include <fmt/args.h>
#include <poll.h>
#include <pthread.h>
#include <spdlog/async.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <type_traits>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/descriptor.h"
#include "common/printable.h"

namespace echo {
namespace {

constexpr std::size_t kQueuedLines = 8192;

constinit std::atomic<LogFormat> line_format{LogFormat::text};

std::string thread_name() {
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name.data();
}

std::string text_line(std::string_view text, std::initializer_list<LogField> fields) {
  fmt::dynamic_format_arg_store<fmt::format_context> values;
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
  return fmt::format("[{}] {}", thread_name(), fmt::vformat(text, values));
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

// Writes lines to a descriptor only when it can take one whole. poll(2) promises room for PIPE_BUF
// bytes in a pipe, so a write of a line does not block even though the descriptor, which other
// processes may share, stays in blocking mode. A full disk fails at once.
class Logging::Output : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit Output(int fd) : fd_(fd) {}

  // From now on a line that can't be written at once is dropped, so that the queue can end.
  void give_up_waiting() { closing_.signal(); }

  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (!write_line(line.data(), line.size())) dropped_.fetch_add(1, std::memory_order_relaxed);
  }
  void flush_() override {}

 private:
  bool write_line(const char* data, std::size_t size) {
    while (size > 0) {
      std::array<pollfd, 2> ready{{{fd_, POLLOUT, 0}, {closing_.descriptor(), POLLIN, 0}}};
      if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) return false;
      if (ready[0].revents == 0) {
        if (ready[1].revents != 0) return false;
        continue;
      }
      const ssize_t written = ::write(fd_, data, size);
      if (written < 0 && errno != EINTR && errno != EAGAIN) return false;
      if (written > 0) {
        data += written;
        size -= static_cast<std::size_t>(written);
      }
    }
    return true;
  }

  const int fd_;
  WakeEvent closing_;
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
  spdlog::set_default_logger(nullptr);
  output_->give_up_waiting();
  queue_.reset();
}

std::uint64_t Logging::dropped() const {
  return queue_->overrun_counter() + output_->dropped();
}

}  // namespace echo
