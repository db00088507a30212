#pragma once

#include <csignal>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace echo::testing {

// A running echod whose log is at level debug.
class Echod {
 public:
  explicit Echod(const std::vector<std::string>& options) : process_(command(options)) {
    const std::string line = process_.wait_for_error("listening on ");
    address_ = line.substr(line.rfind(' ') + 1);
  }

  pid_t id() const { return process_.id(); }
  Process& process() { return process_; }

  // The first address that it listens on.
  const std::string& address() const { return address_; }
  std::string port() const { return address_.substr(address_.rfind(':') + 1); }

  void wait_for_log(const std::string& text) { process_.wait_for_error(text); }
  const std::string& log() const { return process_.errors(); }

  // SIGTERM; returns the exit code.
  int stop() {
    process_.signal(SIGTERM);
    return process_.wait();
  }

 private:
  static std::vector<std::string> command(const std::vector<std::string>& options) {
    std::vector<std::string> words{ECHOD_PATH, "--log-level", "debug"};
    words.insert(words.end(), options.begin(), options.end());
    return words;
  }

  Process process_;
  std::string address_;
};

}  // namespace echo::testing
