#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "common/descriptor.h"
#include "common/poll.h"

namespace echo {

// The readiness of many descriptors, each with a pointer of its owner's. Used in place of Asio's
// reactor: that one tries a receive before it waits, which costs a system call a message, and its
// timers go by way of a queue. Thread rule: one thread; any may add.
class Epoll {
 public:
  Epoll();  // throws std::system_error

  // A closed descriptor needs no removing.
  void add(int descriptor, std::uint32_t events, void* owner);
  void change(int descriptor, std::uint32_t events, void* owner);

  // What is ready at `now`, the time of the call, or else until the deadline; an interruption costs
  // nothing. At most kMost at once; the rest comes with the next call. Valid until then.
  static constexpr std::size_t kMost = 256;
  std::span<const epoll_event> wait(SteadyTime now, SteadyTime deadline);

 private:
  void control(int operation, int descriptor, std::uint32_t events, void* owner);

  Descriptor descriptor_;
  std::array<epoll_event, kMost> ready_{};
};

}  // namespace echo
