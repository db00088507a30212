#pragma once

#include <spdlog/common.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace spdlog {
namespace details {
class thread_pool;
}
}  // namespace spdlog

namespace echo {

using Level = spdlog::level::level_enum;

enum class LogFormat { text, json };

struct LogSettings {
  Level level = Level::info;
  LogFormat format = LogFormat::text;
  std::string file;  // empty: standard error
};

// A fact of a log line: a {name} in its text, a key in its JSON object.
struct LogField {
  std::string_view name;
  std::variant<std::string, std::uint64_t, double> value;
};

// Logs one event: `text` with every {name} filled in, or a JSON object with the fields as keys.
// Any thread; never blocks, never throws. The line bears the name of the calling thread.
void log_event(Level level, std::string_view event, std::string_view text,
               std::initializer_list<LogField> fields) noexcept;

// Turns log_event from nothing into lines on standard error, written by a thread of its own behind
// a bounded queue: who does not take the lines costs lines, which are counted, never service.
// Owner: main, before any thread and until after the last.
class Logging {
 public:
  explicit Logging(const LogSettings& settings);
  Logging(const Logging&) = delete;
  Logging& operator=(const Logging&) = delete;
  ~Logging();

  // Lines lost so far: the queue overran or the output failed.
  std::uint64_t dropped() const;

 private:
  class Output;
  std::shared_ptr<Output> output_;
  std::shared_ptr<spdlog::details::thread_pool> queue_;
};

}  // namespace echo
