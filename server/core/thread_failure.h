#pragma once

#include <exception>

#include "common/descriptor.h"
#include "common/mutex.h"

namespace echo {

// The first exception that ended a thread which the process cannot do without. Any thread.
class ThreadFailure {
 public:
  // In the handler of the exception. `thread` is a literal. Needs no memory.
  void set(const char* thread) noexcept;

  // Readable once there is one.
  int descriptor() const { return event_.descriptor(); }
  bool happened() const;

  // Throws std::runtime_error that says which thread ended and why, if one did.
  void rethrow() const;

 private:
  WakeEvent event_;
  mutable Mutex mutex_;
  std::exception_ptr exception_ GUARDED_BY(mutex_);
  const char* thread_ GUARDED_BY(mutex_) = nullptr;
};

}  // namespace echo
