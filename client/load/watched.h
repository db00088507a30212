#pragma once

#include <cstdint>

namespace echo::load {

// What a generator's epoll reports events to.
class Watched {
 public:
  virtual void on_ready(std::uint32_t events) = 0;

 protected:
  ~Watched() = default;
};

}  // namespace echo::load
