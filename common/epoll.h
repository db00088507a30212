#pragma once

#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <span>

#include "common/descriptor.h"

namespace echo::load {

// The readiness of many descriptors, each with a pointer of its owner's. Level-triggered, and used
// in place of Asio's reactor: that one tries a receive before it waits, which costs a system call
// a message, and its timers go by way of a queue. Thread rule: one thread.
class Epoll {
 public:
  Epoll();  // throws std::system_error

  // A closed descriptor needs no removing.
  void add(int descriptor, std::uint32_t events, void* owner);
  void change(int descriptor, std::uint32_t events, void* owner);

  // What is ready now or, failing that, at the deadline. Valid until the next call.
  std::span<const epoll_event> wait(std::chrono::steady_clock::time_point deadline);

 private:
  void control(int operation, int descriptor, std::uint32_t events, void* owner);

  Descriptor descriptor_;
  std::array<epoll_event, 256> ready_{};
};

}  // namespace echo::load
