#include "server/process/pid_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <optional>
#include <stdexcept>
#include <utility>

#include "common/console.h"
#include "common/error_text.h"

namespace echo {
namespace {

// No symbolic link: in a folder that others may write to it could lead anywhere.
constexpr int kFlags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

std::optional<pid_t> process_id(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  pid_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id <= 0) return std::nullopt;
  return id;
}

bool is_alive(pid_t id) {
  return ::kill(id, 0) == 0 || errno == EPERM;
}

}  // namespace

PidFile::PidFile(std::string path) : path_(std::move(path)) {
  if (path_.empty()) return;
  // Who ends removes the file, maybe between open and lock: then the lock is on nothing.
  while (!lock() || !is_at_path()) {
  }
  examine_content();
  ours_ = true;
}

PidFile::~PidFile() {
  if (!ours_ || (is_at_path() && ::unlink(path_.c_str()) == 0)) return;
  [[maybe_unused]] const int ignored = ::ftruncate(file_.get(), 0);
}

void PidFile::write() const {
  if (path_.empty()) return;
  const std::string text = std::to_string(::getpid()) + '\n';
  if (::ftruncate(file_.get(), 0) != 0 ||
      ::pwrite(file_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    refuse(error_text(errno));
  }
}

bool PidFile::lock() {
  constexpr mode_t kMode = 0644;
  file_ = Descriptor(::open(path_.c_str(), kFlags, kMode));
  if (!file_) refuse(errno == ELOOP ? "is a symbolic link" : error_text(errno));
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) refuse(error_text(errno));
  if (!S_ISREG(status.st_mode)) refuse("is not a regular file");
  if (::flock(file_.get(), LOCK_EX | LOCK_NB) == 0) return true;
  if (errno == EINTR) return false;
  if (errno != EWOULDBLOCK) refuse(error_text(errno));
  const auto holder = process_id(content());
  refuse(holder ? fmt::format("process {} holds it", *holder) : "another process holds it");
}

bool PidFile::is_at_path() const {
  struct stat opened {};
  struct stat there {};
  return ::fstat(file_.get(), &opened) == 0 && ::lstat(path_.c_str(), &there) == 0 &&
         opened.st_dev == there.st_dev && opened.st_ino == there.st_ino;
}

// The lock alone decides: in a container that was started again the id of the last run may by now
// be that of anybody.
void PidFile::examine_content() const {
  const std::string text = content();
  if (text.empty()) return;
  const auto id = process_id(text);
  if (!id) refuse("has something else than a process id");
  if (*id != ::getpid() && is_alive(*id)) {
    print_warning(
        fmt::format("echod: warning: the pid file {} names process {}, which does not hold it; "
                    "it is overwritten",
                    path_, *id));
  }
}

std::string PidFile::content() const {
  std::array<char, 64> text{};
  const ssize_t got = ::pread(file_.get(), text.data(), text.size(), 0);
  if (got < 0) refuse(error_text(errno));
  return {text.data(), static_cast<std::size_t>(got)};
}

void PidFile::refuse(const std::string& why) const {
  throw std::runtime_error(fmt::format("cannot use the pid file {}: {}", path_, why));
}

}  // namespace echo
