#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>

#include "common/descriptor.h"

namespace echo::testing {

struct Pipe {
  Descriptor out;
  Descriptor in;

  Pipe() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    out = Descriptor(ends[0]);
    in = Descriptor(ends[1]);
  }

  // Leaves room for less than a page.
  void fill() const {
    const std::array<char, 4096> page{};
    pollfd ready{in.get(), POLLOUT, 0};
    while (::poll(&ready, 1, 0) == 1) REQUIRE(::write(in.get(), page.data(), page.size()) > 0);
  }
};

}  // namespace echo::testing
