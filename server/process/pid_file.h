#pragma once

#include <string>

#include "common/descriptor.h"

namespace echo {

// The file that says which process serves: locked (flock(2)) as long as it lives, so that a file
// without a lock is what a killed process left. Thread rule: the owner's thread alone.
class PidFile {
 public:
  // Locks the file, which is made if need be; an empty path is no file. Throws std::runtime_error
  // that names the file where another process holds it, or where it is none of ours: it has
  // anything but a process id, or that of another process that is alive.
  explicit PidFile(std::string path);
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;

  // Removes the file unless another has taken its place. Where the folder does not let go of it,
  // as after a change of user, it is left empty.
  ~PidFile();

  // The id of this process. Throws std::runtime_error that names the file.
  void write() const;

 private:
  bool lock();
  bool is_at_path() const;
  void examine_content() const;
  std::string content() const;
  [[noreturn]] void refuse(const std::string& why) const;

  const std::string path_;
  Descriptor file_;
  bool ours_ = false;
};

}  // namespace echo
