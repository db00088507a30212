#pragma once

#include <sys/stat.h>

#include <string>
#include <utility>
#include <vector>

#include "common/descriptor.h"

namespace echo {

// The file that names the addresses really bound, one per line, for scripts that start a server on
// port 0. Thread rule: the owner's thread alone.
class PortFile {
 public:
  // An empty path is no file.
  explicit PortFile(std::string path) : path_(std::move(path)) {}
  PortFile(const PortFile&) = delete;
  PortFile& operator=(const PortFile&) = delete;

  // Removes the file if it is still the one that was written.
  ~PortFile();

  // A regular file appears complete or not at all. A FIFO, a character device and whatever is also
  // standard output or standard error are written into; anything else is refused. Never waits.
  // Throws std::runtime_error that names the file.
  void write(const std::vector<std::string>& addresses);

 private:
  void replace(const std::string& text);
  void write_into(int file, const std::string& text) const;
  [[noreturn]] void refuse(const std::string& why) const;

  const std::string path_;
  Descriptor fifo_;  // open while it lives, because a FIFO that nobody has open forgets its bytes
  bool ours_ = false;
  struct stat written_ {};  // as it was then, if it is ours
};

}  // namespace echo
