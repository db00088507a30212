#include "common/descriptor.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace echo {

void Descriptor::reset(int fd) {
  const int old = std::exchange(fd_, fd);
  if (old >= 0 && old != fd) ::close(old);
}

WakeEvent::WakeEvent() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!descriptor_) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void WakeEvent::signal() {
  const std::uint64_t one = 1;
  // The only failure left is EAGAIN of a full counter, which is readable all the same.
  [[maybe_unused]] const auto written = ::write(descriptor_.get(), &one, sizeof one);
}

bool WakeEvent::clear() {
  std::uint64_t count = 0;
  return ::read(descriptor_.get(), &count, sizeof count) > 0;
}

void open_standard_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free number is this one. Kept open for what is executed, as standard streams are.
    if (::open("/dev/null", O_RDONLY) != fd) {
      throw std::system_error(errno, std::generic_category(), "/dev/null");
    }
  }
}

}  // namespace echo
