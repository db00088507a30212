#pragma once

#include <spdlog/common.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
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

class LogOutput;

enum class LogFormat { text, json };

struct LogSettings {
  Level level = Level::info;
  LogFormat format = LogFormat::text;
  std::string file = {};  // empty: standard error
};

// A fact of a log line: a {name} in its text, a key in its JSON object.
struct LogField {
  std::string_view name;
  std::variant<std::string, std::uint64_t, double> value;
};

// Logs one event: `text` with every {name} filled in, or a JSON object with the fields as keys.
// Any thread; never blocks, never throws. The line bears the name of the calling thread.
void log_event(Level level, std::string_view event, std::string_view text,
               std::span<const LogField> fields) noexcept;
inline void log_event(Level level, std::string_view event, std::string_view text,
                      std::initializer_list<LogField> fields) noexcept {
  log_event(level, event, text, std::span(fields.begin(), fields.size()));
}

// Turns log_event from nothing into lines in a file or on standard error, written by a thread of
// its own behind a bounded queue: who does not take the lines costs lines, which are counted, never
// service. Owner: main, before any thread and until after the last.
class Logging {
 public:
  // Throws std::runtime_error, which names the file, when it can't be opened.
  explicit Logging(const LogSettings& settings);
  Logging(const Logging&) = delete;
  Logging& operator=(const Logging&) = delete;
  ~Logging();

  // Takes level and format and opens the file anew, as after a rotation: what is logged from now on
  // goes there. Where it can't be opened the log goes on as before and this throws likewise.
  void reconfigure(const LogSettings& settings);

  // Lines lost so far: the queue overran or the output failed.
  std::uint64_t dropped() const;

 private:
  std::shared_ptr<LogOutput> output_;
  std::shared_ptr<spdlog::details::thread_pool> queue_;
};

}  // namespace echo
