#pragma once

#include <sys/ptrace.h>
#include <sys/wait.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "tests/support/eventually.h"
#include "tests/support/temporary_folder.h"

namespace echo::testing {

// One thread of a process that does not go on, while the others do, until this is destroyed.
class FrozenThread {
 public:
  FrozenThread(pid_t process, const std::string& name) : id_(find(process, name)) {
    if (::ptrace(PTRACE_SEIZE, id_, nullptr, nullptr) != 0) throw std::runtime_error("seize");
    ::ptrace(PTRACE_INTERRUPT, id_, nullptr, nullptr);
    ::waitpid(id_, nullptr, __WALL);
  }
  FrozenThread(const FrozenThread&) = delete;
  FrozenThread& operator=(const FrozenThread&) = delete;
  ~FrozenThread() { ::ptrace(PTRACE_DETACH, id_, nullptr, nullptr); }

 private:
  // A thread that has just begun does not have its name yet.
  static pid_t find(pid_t process, const std::string& name) {
    pid_t found = 0;
    const std::string tasks = "/proc/" + std::to_string(process) + "/task";
    const bool is_there = eventually([&] {
      for (const auto& task : std::filesystem::directory_iterator(tasks)) {
        if (read_file(task.path() / "comm") == name + '\n') {
          found = std::stoi(task.path().filename());
        }
      }
      return found != 0;
    });
    if (!is_there) throw std::runtime_error("no thread " + name);
    return found;
  }

  const pid_t id_;
};

}  // namespace echo::testing
