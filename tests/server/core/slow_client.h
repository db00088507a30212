#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/support/socket.h"

namespace echo::testing {

// The timeouts of a client that takes its bytes slowly, and how long a pause is surely below them.
inline constexpr std::chrono::seconds kTimeout{4};
inline constexpr std::chrono::seconds kHeldUp{3};

// Thrown where a busy machine has let this process stand still for so long that its client may have
// been stalled by right.
struct HeldUp {};

// Such a try says nothing, and another one is made. The try is given `last` to keep in it when its
// connection last moved.
template <typename Try>
void until_not_held_up(Try attempt) {
  for (;;) {
    auto last = std::chrono::steady_clock::now();
    try {
      return attempt(last);
    } catch (const HeldUp&) {
    } catch (const std::runtime_error&) {
      if (std::chrono::steady_clock::now() - last <= kHeldUp) throw;
    }
    MESSAGE("held up: once more");
  }
}

// Takes bytes for longer than the timeouts of these tests, yet with pauses far below them.
inline std::string receive_slowly(Socket& client, std::chrono::steady_clock::time_point& last,
                                  std::size_t at_once,
                                  std::chrono::milliseconds pause = std::chrono::milliseconds(10)) {
  std::string bytes;
  const auto begin = std::chrono::steady_clock::now();
  for (const auto end = begin + kTimeout + std::chrono::seconds(1); last < end;) {
    std::this_thread::sleep_for(pause);  // time is the subject
    const auto now = std::chrono::steady_clock::now();
    if (now - last > kHeldUp) throw HeldUp();
    const auto due = at_once * static_cast<std::size_t>((std::min(now, end) - begin) / pause);
    bytes += client.receive(due - bytes.size());
    last = now;
  }
  return bytes;
}

}  // namespace echo::testing
