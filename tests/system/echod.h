#pragma once

#include <csignal>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/workers_under_test.h"

namespace echo::testing {

struct EchodSetup {
  std::vector<std::string> prefix = {};  // a command that becomes echod, such as prlimit
  std::string program = ECHOD_PATH;
  std::string log_level = "debug";
  Process::Settings process = {};
  std::string workers = workers_under_test();
};

// A running echod.
class Echod {
 public:
  explicit Echod(const std::vector<std::string>& options, const EchodSetup& setup = {})
      : process_(command(options, setup), setup.process) {
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
  static std::vector<std::string> command(const std::vector<std::string>& options,
                                          const EchodSetup& setup) {
    std::vector<std::string> words = setup.prefix;
    words.insert(words.end(),
                 {setup.program, "--log-level", setup.log_level, "--workers", setup.workers});
    words.insert(words.end(), options.begin(), options.end());
    return words;
  }

  Process process_;
  std::string address_;
};

}  // namespace echo::testing
