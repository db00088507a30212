#pragma once

#include <chrono>
#include <cstdint>

#include <asio/io_context.hpp>

#include "common/descriptor.h"
#include "common/handler_memory.h"
#include "common/mutex.h"

namespace echo {

// Asks the thread that runs an io_context whether it still completes its turns.
// Thread rule: any thread but that one asks. Asking needs no memory.
class Liveness {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Liveness(asio::io_context& context) : context_(context) {}

  // True if the question of the previous call has been answered; asks the next one. For one caller
  // that comes back regularly and must not wait, such as a watchdog.
  bool answered_previous();

  // Asks, or joins the question that is open; returns when the open one was asked.
  Clock::time_point ask();

  // Whether a question has been open for as long as that.
  bool is_silent_for(std::chrono::nanoseconds limit) const;

  // Readable after an answer, until it is cleared.
  WakeEvent& answered() { return answer_; }

  // The answer. Also for the owner of a thread that has ended, whom nobody should wait for.
  void answer();

 private:
  std::uint64_t ask_next() REQUIRES(mutex_);

  asio::io_context& context_;
  WakeEvent answer_;
  mutable Mutex mutex_;
  std::uint64_t asked_ GUARDED_BY(mutex_) = 0;
  std::uint64_t answered_ GUARDED_BY(mutex_) = 0;
  std::uint64_t previous_ GUARDED_BY(mutex_) = 0;  // of answered_previous()
  Clock::time_point open_since_ GUARDED_BY(mutex_){};
  HandlerMemory memory_;  // of the one question that is posted while asked_ is ahead of answered_
};

}  // namespace echo
