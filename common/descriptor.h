#pragma once

#include <utility>

namespace echo {

// Owns a file descriptor and closes it when destroyed.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    reset(other.release());
    return *this;
  }
  ~Descriptor() { reset(); }

  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }  // the caller closes it from now on
  void reset(int fd = -1);                          // closes what it owned and owns `fd`
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// An event that one thread signals and another has in its poll(2) set (eventfd(2)).
// Any thread may signal. Once signalled it stays so until clear().
class WakeEvent {
 public:
  WakeEvent();  // throws std::system_error

  void signal();
  bool clear();  // whether it was signalled
  int descriptor() const { return descriptor_.get(); }

 private:
  Descriptor descriptor_;
};

// Opens /dev/null on each of the descriptors 0 to 2 that is closed, before a socket or a file gets
// its number and what is meant for the standard stream. For reading only: what cannot be printed is
// still an error. Before anything is opened.
// Throws std::system_error.
void open_standard_streams();

}  // namespace echo
