#pragma once

#include <doctest/doctest.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace echo::testing {

// An echod in the background, with its files in a folder; it becomes a child of the test.
class DaemonEchod {
 public:
  // With these options, of which there are "-D", a listening address and all files already.
  explicit DaemonEchod(const std::vector<std::string>& options = {}) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    std::vector<std::string> words{ECHOD_PATH,    "-D",         "--listen",   "127.0.0.1:0",
                                   "--port-file", file("port"), "--pid-file", file("pid"),
                                   "--log-file",  file("log")};
    words.insert(words.end(), options.begin(), options.end());
    start_ = run_program(words);
    id_ = start_.status == 0 ? std::stoi(read_file(file("pid"))) : -1;
  }
  DaemonEchod(const DaemonEchod&) = delete;
  DaemonEchod& operator=(const DaemonEchod&) = delete;
  ~DaemonEchod() {
    if (id_ > 0) end(SIGKILL);
  }

  const Finished& start() const { return start_; }
  pid_t id() const { return id_; }
  std::string file(const std::string& name) const { return folder_.file(name); }
  std::string address() const { return wait_for_line(file("port"), "127.0.0.1:"); }
  std::string log() const { return read_file(file("log")); }

  // SIGTERM; returns the exit code.
  int stop() { return end(SIGTERM); }

 private:
  int end(int signal) {
    ::kill(id_, signal);
    int status = 0;
    while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    id_ = -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

  TemporaryFolder folder_;
  Finished start_;
  pid_t id_ = -1;
};

}  // namespace echo::testing
