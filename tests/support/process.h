#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/descriptor.h"

namespace echo::testing {

// A real program, started with pipes on its standard streams and found through PATH where its name
// has no slash. Whatever it prints is collected while the helper waits or writes. The program dies
// with the thread that started it; the destructor kills and reaps it.
// Every wait throws std::runtime_error, with all that was printed, when it can't be fulfilled.
class Process {
 public:
  struct Settings {
    std::string input_file = {};                // standard input, in place of a pipe
    std::string output_file = {};               // standard output, in place of a pipe
    std::vector<std::string> environment = {};  // "NAME=value", in addition to the test's own
  };

  explicit Process(std::vector<std::string> command) : Process(std::move(command), Settings{}) {}
  Process(std::vector<std::string> command, const Settings& settings);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  pid_t id() const { return id_; }

  void write(std::string_view bytes);
  void close_input();
  // From now on nobody reads its standard output.
  void close_output();

  // Waits for a whole line that contains `text`, or for that many of them, and returns the last one
  // of these without its newline.
  std::string wait_for_output(std::string_view text);
  std::string wait_for_error(std::string_view text, int lines = 1);
  // Waits until so many bytes of standard output have been collected.
  void wait_for_output_size(std::size_t size);

  void signal(int number);
  // Waits for its end: the exit status, or 128 + the number of the signal that ended it.
  int wait();
  bool running();

  // All that it printed so far.
  const std::string& output() const { return output_.text; }
  const std::string& errors() const { return errors_.text; }
  // The same, with what has come since the last wait.
  const std::string& errors_now() {
    read_from(errors_);
    return errors_.text;
  }

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  struct Stream {
    Descriptor pipe;
    std::string text;
  };

  enum class Until { printed, input_has_room, ended };

  void start(const std::vector<std::string>& command, const Settings& settings);
  void collect(Deadline deadline, Until until);
  void read_from(Stream& stream);
  std::string wait_for_line(Stream& stream, std::string_view text, int lines);
  void reap();
  [[noreturn]] void fail(const std::string& what) const;

  std::string name_;
  pid_t id_ = -1;
  Descriptor input_;
  Stream output_;
  Stream errors_;
  Descriptor end_;  // a pidfd: readable once the program has ended
  std::optional<int> status_;
};

// A program run to its end.
struct Finished {
  int status = 0;
  std::string output;
  std::string errors;
};
Finished run_program(std::vector<std::string> command, std::string_view input = {});

}  // namespace echo::testing
