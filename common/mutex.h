#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

// Clang checks these rules in a build with -Wthread-safety; other compilers see nothing:
// https://clang.llvm.org/docs/ThreadSafetyAnalysis.html
#ifdef __clang__
#define ECHO_CHECKED(attribute) __attribute__((attribute))
#else
#define ECHO_CHECKED(attribute)
#endif
#define GUARDED_BY(mutex) ECHO_CHECKED(guarded_by(mutex))
#define REQUIRES(...) ECHO_CHECKED(requires_capability(__VA_ARGS__))

namespace echo {

// std::mutex, std::unique_lock and std::condition_variable under names that the analysis knows.
class ECHO_CHECKED(capability("mutex")) Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() ECHO_CHECKED(acquire_capability()) { mutex_.lock(); }
  void unlock() ECHO_CHECKED(release_capability()) { mutex_.unlock(); }

 private:
  friend class MutexLock;
  std::mutex mutex_;
};

// Holds the mutex while it lives, except between unlock() and lock().
class ECHO_CHECKED(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ECHO_CHECKED(acquire_capability(mutex)) : lock_(mutex.mutex_) {}
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;
  ~MutexLock() ECHO_CHECKED(release_capability()) {}

  void lock() ECHO_CHECKED(acquire_capability()) { lock_.lock(); }
  void unlock() ECHO_CHECKED(release_capability()) { lock_.unlock(); }

 private:
  friend class Condition;
  std::unique_lock<std::mutex> lock_;
};

// Waits are loops at the caller, `while (!ready_) condition_.wait(lock);`, because the analysis
// does not look into a predicate's lambda.
class Condition {
 public:
  void wait(MutexLock& lock) { condition_.wait(lock.lock_); }

  // False if the deadline came first.
  bool wait_until(MutexLock& lock, std::chrono::steady_clock::time_point deadline) {
    return condition_.wait_until(lock.lock_, deadline) == std::cv_status::no_timeout;
  }

  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace echo
