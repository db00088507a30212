#include "server/core/thread_failure.h"

#include <fmt/format.h>

#include <stdexcept>

namespace echo {

void ThreadFailure::set(const char* thread) noexcept {
  const MutexLock lock(mutex_);
  if (exception_) return;
  exception_ = std::current_exception();
  thread_ = thread;
  event_.signal();
}

bool ThreadFailure::happened() const {
  const MutexLock lock(mutex_);
  return exception_ != nullptr;
}

void ThreadFailure::rethrow() const {
  const MutexLock lock(mutex_);
  if (!exception_) return;
  try {
    std::rethrow_exception(exception_);
  } catch (const std::exception& error) {
    throw std::runtime_error(fmt::format("the {} thread ended: {}", thread_, error.what()));
  } catch (...) {
    throw std::runtime_error(fmt::format("the {} thread ended", thread_));
  }
}

}  // namespace echo
