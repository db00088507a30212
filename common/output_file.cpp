#include "common/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <optional>
#include <random>
#include <stdexcept>

#include "common/console.h"
#include "common/error_text.h"
#include "common/poll.h"

namespace echo {
namespace {

constexpr const char* kDescriptors = "/proc/self/fd";

std::filesystem::path directory_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

// The path that a new file gets, behind links to nothing.
std::string follow_links(const std::string& path) {
  constexpr int kMostLinks = 40;  // as in path_resolution(7)
  std::filesystem::path target = path;
  for (int i = 0; i < kMostLinks; ++i) {
    std::error_code is_no_link;
    const auto next = std::filesystem::read_symlink(target, is_no_link);
    if (is_no_link) return target;
    target = next.is_absolute() ? next : target.parent_path() / next;
  }
  return target;
}

bool is_same_file(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

// Written through a name of its own it would be overwritten by what comes on the stream.
std::optional<int> standard_stream(const struct stat& file) {
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat status {};
    if (::fstat(stream, &status) == 0 && is_same_file(status, file)) return stream;
  }
  return std::nullopt;
}

std::string temporary_name(const std::string& target) {
  std::random_device random;
  // Not made from the name, which may be as long as a name can be.
  return directory_of(target) / fmt::format(".echo-{:08x}{:08x}.tmp", random(), random());
}

// All that is in the file, from its beginning. False and errno if it cannot be read.
bool read_all(int file, std::string& text) {
  std::array<char, 65536> chunk{};
  ssize_t count = 0;
  while ((count = ::pread(file, chunk.data(), chunk.size(), static_cast<off_t>(text.size()))) > 0) {
    text.append(chunk.data(), static_cast<std::size_t>(count));
  }
  return count == 0;
}

}  // namespace

OutputFile::OutputFile(const std::string& path) : path_(path), target_(path) {
  struct stat status {};
  if (path == "-") {
    file_.reset(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  } else if (::stat(path.c_str(), &status) != 0) {
    const bool is_new = errno == ENOENT && !path.empty();
    if (is_new) target_ = follow_links(path);
    if (!is_new || !open_temporary(0666)) fail(errno);
  } else if (const auto stream = standard_stream(status)) {
    file_.reset(::fcntl(*stream, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  } else if (S_ISREG(status.st_mode)) {
    open_existing(status.st_mode & 07777, status.st_uid, status.st_gid);
  } else {
    lacks_reader_ = S_ISFIFO(status.st_mode);
    open_special();
  }
  if (error_ != 0) {
    throw std::runtime_error(fmt::format("cannot write {}: {}", path, error_text(error_)));
  }
}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

// A file that may not be written is not replaced either, and it keeps its owner.
void OutputFile::open_existing(unsigned mode, unsigned owner, unsigned group) {
  existing_.reset(::open(path_.c_str(), O_WRONLY | O_CLOEXEC));
  if (!existing_) return fail(errno);
  std::error_code has_no_name;  // as a removed file behind /proc/self/fd/9
  target_ = std::filesystem::canonical(path_, has_no_name);
  if (has_no_name || !open_temporary(0600)) return;
  const bool is_alike =
      ::fchown(file_.get(), owner, group) == 0 && ::fchmod(file_.get(), mode) == 0;
  if (is_alike) return;
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
  is_nameless_ = false;
  file_.reset();
}

bool OutputFile::open_temporary(unsigned mode) {
  // Without /proc it could not be given a name.
  if (::access(kDescriptors, X_OK) == 0) {
    file_.reset(::open(directory_of(target_).c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, mode));
  }
  is_nameless_ = static_cast<bool>(file_);
  return is_nameless_ || open_named(mode);
}

bool OutputFile::open_named(unsigned mode) {
  int error = EEXIST;
  while (!file_ && error == EEXIST) {
    temporary_ = temporary_name(target_);
    file_.reset(::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    error = errno;
  }
  if (!file_) temporary_.clear();
  errno = error;
  return static_cast<bool>(file_);
}

// Without waiting for the reader of a FIFO, of which ENXIO says that there is none.
void OutputFile::open_special() {
  file_.reset(::open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!file_ && !(lacks_reader_ && errno == ENXIO)) fail(errno);
  if (file_) lacks_reader_ = false;
}

// Looks again and again: a reader waits inside open(2) for us to come, and the kernel tells nobody
// of it before (inotify(7) reports an open that has succeeded).
void OutputFile::wait_for_reader(int interrupt) {
  constexpr std::chrono::milliseconds kPause{20};
  for (open_special(); lacks_reader_ && error_ == 0; open_special()) {
    std::array<pollfd, 1> stop{{{interrupt, POLLIN, 0}}};
    if (poll_until(stop, std::chrono::steady_clock::now() + kPause)) return fail(EINTR);
  }
}

void OutputFile::fail(int error) {
  if (error_ == 0) error_ = error;
}

void OutputFile::write(std::string_view text) {
  if (error_ != 0) return;
  pending_ += text;
  if (lacks_reader_) open_special();
  if (!file_ || error_ != 0) return;
  std::string_view rest = pending_;
  const int error = write_until(file_.get(), rest, std::chrono::steady_clock::now(), -1);
  if (error != ETIMEDOUT) fail(error);
  pending_.erase(0, pending_.size() - rest.size());
}

int OutputFile::finish(int interrupt) {
  if (lacks_reader_ && error_ == 0) wait_for_reader(interrupt);
  if (file_ && error_ == 0) {
    std::string_view rest = pending_;
    fail(write_until(file_.get(), rest, kNever, interrupt));
    pending_.clear();
  }
  if (error_ == 0 && (is_nameless_ || !temporary_.empty())) replace();
  if (error_ == 0 && !file_) write_in_place();
  if (file_ && ::close(file_.release()) != 0) fail(errno);
  return error_;
}

// By way of /proc, because a link to the descriptor alone needs a privilege: linkat(2).
bool OutputFile::give_name() {
  const std::string nameless = fmt::format("{}/{}", kDescriptors, file_.get());
  do {
    temporary_ = temporary_name(target_);
    if (::linkat(AT_FDCWD, nameless.c_str(), AT_FDCWD, temporary_.c_str(), AT_SYMLINK_FOLLOW) ==
        0) {
      is_nameless_ = false;
      return true;
    }
  } while (errno == EEXIST);
  temporary_.clear();
  return false;
}

// Where the name cannot be given to another file, such as one that is mounted, its contents can.
void OutputFile::replace() {
  const bool has_name = !is_nameless_ || give_name();
  if (has_name && ::rename(temporary_.c_str(), target_.c_str()) == 0) {
    temporary_.clear();
    return;
  }
  if (!existing_) return fail(errno);
  if (!read_all(file_.get(), pending_)) return fail(errno);
  file_.reset();
}

void OutputFile::write_in_place() {
  if (::ftruncate(existing_.get(), 0) != 0) return fail(errno);
  std::string_view rest = pending_;
  fail(write_until(existing_.get(), rest, kNever, -1));
  if (::close(existing_.release()) != 0) fail(errno);
}

std::string output_identity(const std::string& path) {
  struct stat status {};
  const int found = path == "-" ? ::fstat(STDOUT_FILENO, &status) : ::stat(path.c_str(), &status);
  if (found == 0) {
    if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode)) return {};
    return fmt::format("{}:{}", status.st_dev, status.st_ino);
  }
  const std::filesystem::path target = follow_links(path);
  if (::stat(directory_of(target).c_str(), &status) != 0) return path;
  return fmt::format("{}:{}/{}", status.st_dev, status.st_ino, target.filename().string());
}

}  // namespace echo
