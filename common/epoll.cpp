#include "common/epoll.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>

namespace echo::load {
namespace {

using std::chrono::nanoseconds;

timespec time_left(std::chrono::steady_clock::time_point deadline) {
  const nanoseconds left =
      std::max<nanoseconds>(deadline - std::chrono::steady_clock::now(), nanoseconds::zero());
  timespec result{};
  result.tv_sec = left.count() / 1'000'000'000;
  result.tv_nsec = left.count() % 1'000'000'000;
  return result;
}

}  // namespace

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

// epoll_wait(2) counts in milliseconds, too coarse for a schedule.
std::span<const epoll_event> Epoll::wait(std::chrono::steady_clock::time_point deadline) {
  const timespec left = time_left(deadline);
  const int count = ::epoll_pwait2(descriptor_.get(), ready_.data(),
                                   static_cast<int>(ready_.size()), &left, nullptr);
  if (count < 0 && errno != EINTR) {
    throw std::system_error(errno, std::generic_category(), "epoll_pwait2");
  }
  return std::span(ready_).first(count < 0 ? 0 : static_cast<std::size_t>(count));
}

}  // namespace echo::load
