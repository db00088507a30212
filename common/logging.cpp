#include "common/logging.h"

#include <fmt/args.h>
#include <pthread.h>
#include <spdlog/async.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <memory>
#include <system_error>
#include <type_traits>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/console.h"
#include "common/log_output.h"

namespace echo {
namespace {

constexpr std::size_t kQueuedLines = 8192;

constinit std::atomic<LogFormat> line_format{LogFormat::text};

std::string thread_name() {
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name.data();
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

std::string text_line(std::string_view text, std::span<const LogField> fields) {
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

// What stands between the braces after the keys that the pattern in LogOutput writes.
std::string json_line(std::string_view event, std::span<const LogField> fields) {
  nlohmann::ordered_json line{{"thread", thread_name()}, {"event", event}};
  for (const LogField& field : fields) {
    std::visit([&](const auto& value) { line[std::string(field.name)] = value; }, field.value);
  }
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).substr(1);
}

std::string line_of(std::string_view event, std::string_view text,
                    std::span<const LogField> fields) {
  const bool json = line_format.load(std::memory_order_relaxed) == LogFormat::json;
  return json ? json_line(event, fields) : text_line(text, fields);
}

std::shared_ptr<spdlog::details::thread_pool> start_queue() try {
  return std::make_shared<spdlog::details::thread_pool>(
      kQueuedLines, 1, [] { pthread_setname_np(pthread_self(), "logging"); });
} catch (const std::system_error& error) {
  throw std::system_error(error.code(), "cannot start a thread");
}

}  // namespace

bool logs(Level level) noexcept {
  const spdlog::logger* logger = spdlog::default_logger_raw();
  return logger != nullptr && logger->should_log(level);
}

bool log_event(Level level, std::string_view event, std::string_view text,
               std::span<const LogField> fields) noexcept {
  if (!logs(level)) return true;
  spdlog::logger* logger = spdlog::default_logger_raw();
  try {
    logger->log(level, spdlog::string_view_t(line_of(event, text, fields)));
    return true;
  } catch (...) {
    return false;  // the service matters more than the line
  }
}

Logging::Logging(const LogSettings& settings)
    : output_(std::make_shared<LogOutput>(LogOutput::open(settings.file))),
      queue_(start_queue()),
      to_file_(!settings.file.empty()) {
  line_format = settings.format;
  auto logger = std::make_shared<spdlog::async_logger>(
      "echo", output_, queue_, spdlog::async_overflow_policy::overrun_oldest);
  logger->set_level(settings.level);
  spdlog::set_default_logger(std::move(logger));
}

Logging::~Logging() {
  // The last line in the queue must not take the logger with it: it dies here, after the thread.
  const auto logger = spdlog::default_logger();
  spdlog::set_default_logger(nullptr);
  output_->close();
  queue_.reset();
}

void Logging::reconfigure(const LogSettings& settings) {
  Descriptor output = LogOutput::open(settings.file);
  line_format = settings.format;
  spdlog::set_level(settings.level);
  output_->replace(std::move(output));
  to_file_ = !settings.file.empty();
  // So that the old file is let go of even if nothing is logged for long.
  spdlog::default_logger_raw()->flush();
}

void Logging::report(Level level, std::string_view event, std::string_view text,
                     std::initializer_list<LogField> fields) const noexcept {
  log_event(level, event, text, fields);
  if (!to_file_) return;
  try {
    LogOutput standard_error(LogOutput::open({}));
    standard_error.close();
    const std::string line = line_of(event, text, fields);
    standard_error.log({"echo", level, spdlog::string_view_t(line)});
  } catch (...) {
    // There is no memory or descriptor for it; the log has the line.
  }
}

std::uint64_t Logging::dropped() const {
  return queue_->overrun_counter() + output_->dropped();
}

}  // namespace echo
