#include "common/thread.h"

#include <atomic>
#include <system_error>
#include <utility>

#include "common/logging.h"

namespace echo {
namespace {

constinit std::atomic<unsigned> next_number{1};
constinit thread_local unsigned this_number = 0;

void check(int error, const char* what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

}  // namespace

class Thread::Attributes {
 public:
  explicit Attributes(std::size_t stack_size) : Attributes() {
    if (stack_size != 0) check(pthread_attr_setstacksize(&value_, stack_size), "stack size");
  }
  explicit Attributes(std::span<std::byte> stack) : Attributes() {
    check(pthread_attr_setstack(&value_, stack.data(), stack.size()), "stack");
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { pthread_attr_destroy(&value_); }
  const pthread_attr_t* get() const { return &value_; }

 private:
  Attributes() { check(pthread_attr_init(&value_), "pthread_attr_init"); }

  pthread_attr_t value_;
};

Thread::Thread(std::string name, std::function<void()> body, std::size_t stack_size)
    : Thread(std::move(name), std::move(body), Attributes(stack_size)) {}

Thread::Thread(std::string name, std::function<void()> body, std::span<std::byte> stack)
    : Thread(std::move(name), std::move(body), Attributes(stack)) {}

Thread::Thread(std::string name, std::function<void()> body, const Attributes& attributes)
    : name_(std::move(name)), number_(next_number.fetch_add(1)), body_(std::move(body)) {
  check(pthread_create(&handle_, attributes.get(), &Thread::enter, this), "cannot start a thread");
  joinable_ = true;
}

Thread::~Thread() {
  if (joinable_) pthread_join(handle_, nullptr);
}

void Thread::join() {
  if (joinable_) pthread_join(handle_, nullptr);
  joinable_ = false;
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

unsigned Thread::current_number() {
  return this_number;
}

void* Thread::enter(void* self) {
  static_cast<Thread*>(self)->run();
  return nullptr;
}

void Thread::run() noexcept {
  this_number = number_;
  pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
  try {
    body_();
  } catch (const std::exception& error) {
    failure_ = std::current_exception();
    log_event(Level::err, "thread_failed", "thread ended by an exception: {what}",
              {{"what", error.what()}});
  } catch (...) {
    failure_ = std::current_exception();
    log_event(Level::err, "thread_failed", "thread ended by an exception of unknown type", {});
  }
}

}  // namespace echo
