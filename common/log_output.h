#pragma once

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "common/descriptor.h"
#include "common/mutex.h"

namespace echo {

// Where the lines of the log go: a descriptor that can be replaced while lines come. A line in
// systemd's journal begins with its priority and has no time, because the journal has its own.
// It does not block in write(2): it waits until the descriptor has room, and that wait ends when
// the descriptor is replaced or the log is closed. What can't be written is counted. Thread rule:
// spdlog's thread writes; replace, close and dropped may be called by any.
class LogOutput : public spdlog::sinks::base_sink<std::mutex> {
 public:
  // The file, opened for appending, or standard error where the name is empty.
  // Throws std::runtime_error that names the file.
  static Descriptor open(const std::string& file);

  explicit LogOutput(Descriptor output);

  // From the next line on everything goes to the new output, a line that is half written included.
  void replace(Descriptor output);

  // A reader that is only slow still gets the last lines; one that is stuck costs kLastLines.
  void close();

  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override { take_change(); }

 private:
  using Clock = std::chrono::steady_clock;
  enum class Next { write, look_again, give_up };

  // Each line is in the format that was asked for when it was logged.
  struct Patterns {
    spdlog::pattern_formatter text;
    spdlog::pattern_formatter json;
    spdlog::pattern_formatter journal_text;
    spdlog::pattern_formatter journal_json;
  };

  void format_line(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line);
  bool write_line(std::string_view line);
  Next wait_for_room();
  bool take_change();
  ssize_t write_some(std::string_view bytes) const;
  int milliseconds_left() const;

  // The writing thread alone.
  Descriptor output_;
  bool is_socket_ = false;
  bool is_journal_ = false;
  bool torn_ = false;                            // the last line could be written in part only
  std::optional<Clock::time_point> give_up_at_;  // set once the log is closed
  Patterns patterns_;

  WakeEvent changed_;
  Mutex change_mutex_;
  std::optional<Descriptor> replacement_ GUARDED_BY(change_mutex_);
  bool closed_ GUARDED_BY(change_mutex_) = false;

  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace echo
