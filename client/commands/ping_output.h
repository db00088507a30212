#pragma once

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <utility>

namespace echo {

// Standard output of a ping: what is written is printed as a whole with the next flush(), so that a
// reader that is slow is waited for once. Thread rule: one thread.
class PingOutput {
 public:
  struct Settings {
    bool quiet = false;
    bool timestamps = false;
    int interrupt = -1;  // readable once there is a signal
  };
  explicit PingOutput(const Settings& settings) : settings_(settings) {}

  // A line of what happens, which a quiet ping leaves out.
  template <typename... Arguments>
  void say(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    if (!settings_.quiet) warn(format, std::forward<Arguments>(arguments)...);
  }

  // A line that nobody wants to miss: the summary does not say which byte was wrong.
  template <typename... Arguments>
  void warn(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    if (settings_.timestamps) write(time_stamp());
    write(fmt::format(format, std::forward<Arguments>(arguments)...));
  }

  void write(const std::string& text) { text_ += text; }
  // False if a signal came while the reader took nothing: what is left waits for the next flush().
  bool flush();
  // Waits for the reader no more.
  void give_up();

  // Nobody can read any of it.
  bool is_lost() const { return is_lost_; }

 private:
  static std::string time_stamp();
  void lose(int error);

  const Settings settings_;
  std::string text_;
  bool is_lost_ = false;
};

// "1.234", as the lines have it.
std::string ping_milliseconds(std::chrono::nanoseconds duration);

}  // namespace echo
