#pragma once

#include <chrono>

#include "common/poll.h"

namespace echo {

// A program that is late by more was not running for most of that time: it was stopped, or had no
// core.
inline constexpr std::chrono::nanoseconds kPause = std::chrono::milliseconds(1);

// How long echoc itself held up what it could hand to the kernel from `ready` on and has handed to
// it by `now`: the peer has had nothing of that time. Less than a pause is the work of handing it
// over, in which the peer may have begun to answer. Pure, any thread.
constexpr std::chrono::nanoseconds held_up(SteadyTime ready, SteadyTime now) {
  const std::chrono::nanoseconds time = now - ready;
  return time > kPause ? time : std::chrono::nanoseconds::zero();
}

}  // namespace echo
