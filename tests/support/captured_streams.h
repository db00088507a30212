#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <string>

#include "common/descriptor.h"
#include "tests/support/temporary_folder.h"

namespace echo::testing {

// While it lives, what this process prints goes into files, or into one that the test names.
class CapturedStreams {
 public:
  explicit CapturedStreams(const std::string& output = {}) {
    std::cout.flush();
    replace(STDOUT_FILENO, output.empty() ? folder_.file("output") : output);
    replace(STDERR_FILENO, folder_.file("errors"));
  }
  CapturedStreams(const CapturedStreams&) = delete;
  CapturedStreams& operator=(const CapturedStreams&) = delete;
  ~CapturedStreams() {
    ::dup2(output_.get(), STDOUT_FILENO);
    ::dup2(errors_.get(), STDERR_FILENO);
  }

  std::string output() const { return read_file(folder_.file("output")); }
  std::string errors() const { return read_file(folder_.file("errors")); }

 private:
  static void replace(int stream, const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    ::dup2(file.get(), stream);
  }

  const TemporaryFolder folder_;
  const Descriptor output_{::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)};
  const Descriptor errors_{::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)};
};

}  // namespace echo::testing
