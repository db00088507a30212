#include "common/epoll.h"

#include <cerrno>
#include <chrono>
#include <system_error>

namespace echo {
Epoll::Epoll() : descriptor_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!descriptor_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

void Epoll::add(int descriptor, std::uint32_t events, void* owner) {
  control(EPOLL_CTL_ADD, descriptor, events, owner);
}

void Epoll::change(int descriptor, std::uint32_t events, void* owner) {
  control(EPOLL_CTL_MOD, descriptor, events, owner);
}

void Epoll::control(int operation, int descriptor, std::uint32_t events, void* owner) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = owner;
  if (::epoll_ctl(descriptor_.get(), operation, descriptor, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

// epoll_wait(2) counts in milliseconds, too coarse for a schedule. A process that was stopped and
// goes on is told EINTR, though bytes may have come meanwhile: signal(7).
std::span<const epoll_event> Epoll::wait(SteadyTime now, SteadyTime deadline) {
  while (true) {
    const timespec left = time_left(deadline, now);
    const int count =
        ::epoll_pwait2(descriptor_.get(), ready_.data(), static_cast<int>(ready_.size()),
                       deadline == kNever ? nullptr : &left, nullptr);
    if (count >= 0) return std::span(ready_).first(static_cast<std::size_t>(count));
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "epoll_pwait2");
    now = std::chrono::steady_clock::now();
  }
}

}  // namespace echo
