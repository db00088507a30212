#pragma once

#include <doctest/doctest.h>

#include <csignal>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/clients.h"

namespace echo::testing {

inline std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream input(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(input, line);) lines.push_back(line);
  return lines;
}

// An echod whose standard error is not the test's to read, with its files in a folder.
class LoggingEchod {
 public:
  // The shell's redirections, such as "2>/dev/full".
  explicit LoggingEchod(const std::vector<std::string>& options,
                        const std::string& redirections = "", const std::string& before = "") {
    std::vector<std::string> words{
        "sh",          "-c",          before + " exec \"$@\" " + redirections,
        "sh",          ECHOD_PATH,    "--listen",
        "127.0.0.1:0", "--port-file", folder_.file("port")};
    words.insert(words.end(), options.begin(), options.end());
    process_.emplace(words);
    address_ = wait_for_line(folder_.file("port"), "127.0.0.1:");
  }

  const std::string& address() const { return address_; }
  Process& process() { return *process_; }

  bool serves() const {
    Socket client = Socket::connect(address_);
    return echoes(client);
  }
  // One after another; each is worth two lines at level debug.
  void serve_some(int clients) const {
    for (int i = 0; i < clients; ++i) CHECK(serves());
  }
  int stop() {
    process_->signal(SIGTERM);
    return process_->wait();
  }

 private:
  TemporaryFolder folder_;
  std::optional<Process> process_;
  std::string address_;
};

}  // namespace echo::testing
