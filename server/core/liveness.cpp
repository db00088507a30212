#include "server/core/liveness.h"

#include <asio/post.hpp>

namespace echo {

bool Liveness::answered_previous() {
  const MutexLock lock(mutex_);
  const bool answered = answered_ >= previous_;
  previous_ = ask_next();
  return answered;
}

Liveness::Clock::time_point Liveness::ask() {
  const MutexLock lock(mutex_);
  ask_next();
  return open_since_;
}

bool Liveness::is_silent_for(std::chrono::nanoseconds limit) const {
  const MutexLock lock(mutex_);
  return answered_ < asked_ && Clock::now() - open_since_ >= limit;
}

void Liveness::answer() {
  const MutexLock lock(mutex_);
  answered_ = asked_;
  answer_.signal();
}

std::uint64_t Liveness::ask_next() {
  if (asked_++ == answered_) {
    open_since_ = Clock::now();
    asio::post(context_, memory_.bind([this] { answer(); }));
  }
  return asked_;
}

}  // namespace echo
