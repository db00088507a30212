// Preloaded into echod (ld.so(8), LD_PRELOAD) to make its calls do what they seldom do.
// Environment:
//   FAULTY_SHORT=N        recv and send move at most N bytes, each time another number
//   FAULTY_EINTR=N        one in N of recv, send, poll, accept4 and read is interrupted
//   FAULTY_CLOSE_US=N     closing a socket takes N microseconds before and after it is done
//   FAULTY_ACCEPT=ERRNO   accept4 fails with this number, every time or:
//   FAULTY_ACCEPT_EVERY=N only every Nth time
//   FAULTY_THREAD=N       every Nth pthread_create fails with EAGAIN
//   FAULTY_NEW=N          one in N of operator new in workers' threads throws std::bad_alloc,
//                         and each that a memory resource makes there
//   FAULTY_WHILE=FILE     all but the first three, only while this file exists
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

template <typename Function>
Function* next(Function*, const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

long setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? 0 : std::atol(value);
}

bool switched_on() {
  static const char* const file = std::getenv("FAULTY_WHILE");
  return file == nullptr || ::access(file, F_OK) == 0;
}

// True for every nth call; never for an n of 0.
class Every {
 public:
  explicit Every(long n) : n_(n) {}
  bool due() { return n_ > 0 && (count_.fetch_add(1) + 1) % n_ == 0; }

 private:
  const long n_;
  std::atomic<long> count_{0};
};

// True for one call in n, without a pattern that the calls of a program could fall in with.
class OneIn {
 public:
  explicit OneIn(long n) : n_(n) {}
  bool due() {
    // The multiplier is that of Knuth's hash; its upper bits are the good ones.
    const auto hash = static_cast<uint32_t>(count_.fetch_add(1) * 2654435761U);
    return n_ > 0 && (hash >> 16) % n_ == 0;
  }

 private:
  const long n_;
  std::atomic<uint32_t> count_{1};
};

bool interrupted() {
  static OneIn one(setting("FAULTY_EINTR"));
  if (!one.due()) return false;
  errno = EINTR;
  return true;
}

size_t shortened(size_t size) {
  static const long most = setting("FAULTY_SHORT");
  static std::atomic<long> calls{0};
  if (most == 0 || size == 0) return size;
  return std::min(size, static_cast<size_t>(1 + calls.fetch_add(1) % most));
}

bool is_worker() {
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return std::strncmp(name.data(), "worker-", 7) == 0;
}

}  // namespace

extern "C" {

ssize_t recv(int socket, void* data, size_t size, int flags) {
  static auto* const real = next(&::recv, "recv");
  return interrupted() ? -1 : real(socket, data, shortened(size), flags);
}

// NOLINTNEXTLINE(readability-identifier-naming): what glibc calls where it checks sizes
ssize_t __recv_chk(int socket, void* data, size_t size, size_t, int flags) {
  return recv(socket, data, size, flags);
}

ssize_t send(int socket, const void* data, size_t size, int flags) {
  static auto* const real = next(&::send, "send");
  return interrupted() ? -1 : real(socket, data, shortened(size), flags);
}

ssize_t read(int file, void* data, size_t size) {
  static auto* const real = next(&::read, "read");
  return interrupted() ? -1 : real(file, data, size);
}

// NOLINTNEXTLINE(readability-identifier-naming): what glibc calls where it checks sizes
ssize_t __read_chk(int file, void* data, size_t size, size_t) {
  return read(file, data, size);
}

int poll(pollfd* entries, nfds_t count, int timeout) {
  static auto* const real = next(&::poll, "poll");
  return interrupted() ? -1 : real(entries, count, timeout);
}

// NOLINTNEXTLINE(readability-identifier-naming): what glibc calls where it checks sizes
int __poll_chk(pollfd* entries, nfds_t count, int timeout, size_t) {
  return poll(entries, count, timeout);
}

int accept4(int socket, sockaddr* peer, socklen_t* size, int flags) {
  static auto* const real = next(&::accept4, "accept4");
  static const int error = static_cast<int>(setting("FAULTY_ACCEPT"));
  static Every every(std::max(1L, setting("FAULTY_ACCEPT_EVERY")));
  if (interrupted()) return -1;
  if (error == 0 || !switched_on() || !every.due()) return real(socket, peer, size, flags);
  errno = error;
  return -1;
}

int close(int file) {
  static auto* const real = next(&::close, "close");
  static const auto delay = static_cast<useconds_t>(setting("FAULTY_CLOSE_US"));
  int type = 0;
  socklen_t size = sizeof type;
  if (delay == 0 || ::getsockopt(file, SOL_SOCKET, SO_TYPE, &type, &size) != 0) return real(file);
  ::usleep(delay);
  const int result = real(file);
  ::usleep(delay);
  return result;
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*),
                   void* argument) noexcept {
  static auto* const real = next(&::pthread_create, "pthread_create");
  static Every every(setting("FAULTY_THREAD"));
  if (switched_on() && every.due()) return EAGAIN;
  return real(thread, attributes, body, argument);
}

}  // extern "C"

namespace {

bool fails_in_this_thread() {
  static const bool wanted = setting("FAULTY_NEW") > 0;
  return wanted && is_worker() && switched_on();
}

void* unless_null(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(size_t size) {
  static OneIn one(setting("FAULTY_NEW"));
  if (fails_in_this_thread() && one.due()) throw std::bad_alloc();
  return unless_null(std::malloc(std::max<size_t>(size, 1)));
}

// The one that the standard library's memory resources use, too rarely for one in N to be met.
void* operator new(size_t size, std::align_val_t alignment) {
  if (fails_in_this_thread()) throw std::bad_alloc();
  const auto unit = static_cast<size_t>(alignment);
  return unless_null(std::aligned_alloc(unit, (size + unit - 1) / unit * unit));
}
