#include "server/process/port_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "common/console.h"
#include "common/error_text.h"

namespace echo {
namespace {

bool is_same(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

// The standard stream that the path leads to, such as /dev/stdout; -1 if it leads to neither.
int standard_stream(const struct stat& file) {
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat status {};
    if (::fstat(stream, &status) == 0 && is_same(status, file)) return stream;
  }
  return -1;
}

// Removes a temporary file unless it has been renamed.
class TemporaryName {
 public:
  explicit TemporaryName(std::string name) : name_(std::move(name)) {}
  TemporaryName(const TemporaryName&) = delete;
  TemporaryName& operator=(const TemporaryName&) = delete;
  ~TemporaryName() {
    if (!name_.empty()) ::unlink(name_.c_str());
  }
  void keep() { name_.clear(); }

 private:
  std::string name_;
};

}  // namespace

PortFile::~PortFile() {
  struct stat there {};
  // A file that is made when ours is gone may get the number of its inode.
  if (ours_ && ::lstat(path_.c_str(), &there) == 0 && is_same(there, written_) &&
      there.st_mtim.tv_sec == written_.st_mtim.tv_sec &&
      there.st_mtim.tv_nsec == written_.st_mtim.tv_nsec) {
    ::unlink(path_.c_str());
  }
}

void PortFile::write(const std::vector<std::string>& addresses) {
  if (path_.empty()) return;
  std::string text;
  for (const std::string& address : addresses) text += printable(address) + '\n';

  struct stat file {};
  if (::stat(path_.c_str(), &file) != 0) return replace(text);
  const int stream = standard_stream(file);
  if (stream >= 0) return write_into(stream, text);
  if (S_ISREG(file.st_mode)) return replace(text);
  if (S_ISDIR(file.st_mode)) refuse(error_text(EISDIR));
  if (!S_ISFIFO(file.st_mode) && !S_ISCHR(file.st_mode)) refuse("is not a regular file");
  // fifo(7): opened for reading too, a FIFO does not need its reader yet.
  const int access = S_ISFIFO(file.st_mode) ? O_RDWR : O_WRONLY;
  Descriptor opened(::open(path_.c_str(), access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!opened) refuse(error_text(errno));
  write_into(opened.get(), text);
  if (S_ISFIFO(file.st_mode)) fifo_ = std::move(opened);
}

// A reader of the path never sees a part, and a link at either name is not followed.
void PortFile::replace(const std::string& text) {
  constexpr mode_t kMode = 0644;
  std::string name = path_ + ".XXXXXX";
  const Descriptor file(::mkostemp(name.data(), O_CLOEXEC));
  if (!file) refuse(error_text(errno));
  TemporaryName temporary(name);
  write_into(file.get(), text);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  if (::fchmod(file.get(), kMode & ~mask) != 0 || ::fstat(file.get(), &written_) != 0 ||
      ::rename(name.c_str(), path_.c_str()) != 0) {
    refuse(error_text(errno));
  }
  temporary.keep();
  ours_ = true;
}

void PortFile::write_into(int file, const std::string& text) const {
  constexpr int kPatience = 1000;  // milliseconds, for a reader that takes nothing
  std::size_t written = 0;
  while (written < text.size()) {
    pollfd room{file, POLLOUT, 0};
    if (::poll(&room, 1, kPatience) == 0) refuse(error_text(EAGAIN));
    const ssize_t count = ::write(file, text.data() + written, text.size() - written);
    if (count < 0 && errno != EINTR && errno != EAGAIN) refuse(error_text(errno));
    if (count > 0) written += static_cast<std::size_t>(count);
  }
}

void PortFile::refuse(const std::string& why) const {
  throw std::runtime_error(fmt::format("cannot write the port file {}: {}", path_, why));
}

}  // namespace echo
