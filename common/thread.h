#pragma once

#include <pthread.h>

#include <cstddef>
#include <exception>
#include <functional>
#include <span>
#include <string>

namespace echo {

// A named, numbered thread: it starts when it is made and is joined when it is destroyed.
// An exception that leaves the body is logged and comes back to the owner from join().
// Thread rule: only the owner calls join() and destroys it; everything else is constant.
class Thread {
 public:
  // The kernel shows the first 15 bytes of the name. A stack size of 0 is the system's default.
  // Throws std::system_error, mostly EAGAIN, when no thread can be made (pthread_create(3)).
  Thread(std::string name, std::function<void()> body, std::size_t stack_size = 0);

  // On a stack of the owner's, which outlives the thread and whose end the owner guards.
  Thread(std::string name, std::function<void()> body, std::span<std::byte> stack);

  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  ~Thread();

  void join();

  const std::string& name() const { return name_; }

  // 1, 2, 3, … in the order in which the process made its threads.
  unsigned number() const { return number_; }

  // The number of the calling thread; 0 for one that is no Thread, such as main.
  static unsigned current_number();

 private:
  class Attributes;

  Thread(std::string name, std::function<void()> body, const Attributes& attributes);
  static void* enter(void* self);
  void run() noexcept;

  const std::string name_;
  const unsigned number_;
  const std::function<void()> body_;
  std::exception_ptr failure_;  // written by the thread, read by the owner after pthread_join
  pthread_t handle_{};
  bool joinable_ = false;
};

}  // namespace echo
