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
class thread_pool;  // NOLINT(readability-identifier-naming): the name is spdlog's
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

// Whether lines of this level are logged: for callers that would allocate to build one.
bool logs(Level level) noexcept;

// Logs one event: `text` with every {name} filled in, or a JSON object with the fields as keys.
// Any thread; never blocks, never throws. The line bears the name of the calling thread. False if
// there is no memory for the line.
bool log_event(Level level, std::string_view event, std::string_view text,
               std::span<const LogField> fields) noexcept;
inline bool log_event(Level level, std::string_view event, std::string_view text,
                      std::initializer_list<LogField> fields) noexcept {
  return log_event(level, event, text, std::span(fields.begin(), fields.size()));
}

// Turns log_event from nothing into lines in a file or on standard error, written by a thread of
// its own behind a bounded queue: a slow reader costs lines, which are counted, never
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

  // Logs an event that an administrator waits for. If the log goes to a file the line is also
  // written to standard error, which a service manager shows; a reader that takes nothing there
  // costs 100 ms and the line. Thread rule: the caller of reconfigure.
  void report(Level level, std::string_view event, std::string_view text,
              std::initializer_list<LogField> fields) const noexcept;

  // Lines lost so far: the queue overran or the output failed.
  std::uint64_t dropped() const;

 private:
  std::shared_ptr<LogOutput> output_;
  std::shared_ptr<spdlog::details::thread_pool> queue_;
  bool to_file_;
};

}  // namespace echo
