// Preloaded into echod (ld.so(8), LD_PRELOAD) to make its calls do what they seldom do.
// Environment:
//   FAULTY_SHORT=N        recv and send move at most N bytes, each time another number; a worker's
//                         epoll reports what is left, because the kernel leaves no bytes (epoll(7))
//   FAULTY_FLOOD=TEXT     a socket with this text to be received always has more: recv leaves the
//                         text there and fills all of its space, and send takes it without sending
//   FAULTY_EINTR=N        one in N of recv, send, poll, epoll_pwait2, accept4 and read is
//                         interrupted
//   FAULTY_CLOSE_US=N     closing a socket takes N microseconds before and after it is done
//   FAULTY_ACCEPT=ERRNO   accept4 fails with this number, every time or:
//   FAULTY_ACCEPT_EVERY=N only every Nth time
//   FAULTY_THREAD=N       every Nth pthread_create fails with EAGAIN
//   FAULTY_THROW=THREAD   accept4, epoll_pwait2 and a timed wait for a condition throw in the
//                         thread of that name
//   FAULTY_RESOLVE=FILE   getaddrinfo writes its process's id to this file and never returns
//   FAULTY_WHILE=FILE     FAULTY_ACCEPT, _FLOOD, _THREAD and _THROW only while this file exists
#include "tests/fault/faulty.h"

#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <string>

namespace {

// True for every nth call; never for an n of 0.
class Every {
 public:
  explicit Every(long n) : n_(n) {}
  bool due() { return n_ > 0 && (count_.fetch_add(1) + 1) % n_ == 0; }

 private:
  const long n_;
  std::atomic<long> count_{0};
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

bool is_flood(const void* data, ssize_t size) {
  static const char* const text = std::getenv("FAULTY_FLOOD");
  return text != nullptr && size >= static_cast<ssize_t>(std::strlen(text)) &&
         std::memcmp(data, text, std::strlen(text)) == 0 && switched_on();
}

bool may_throw() {
  static const char* const thread = std::getenv("FAULTY_THROW");
  return thread != nullptr && std::strcmp(thread_name().data(), thread) == 0;
}

void throw_if_wanted() {
  if (may_throw() && switched_on()) throw std::runtime_error("injected");
}

}  // namespace

extern "C" {

ssize_t recv(int socket, void* data, size_t size, int flags) {
  static auto* const real = next(&::recv, "recv");
  static const bool floods = std::getenv("FAULTY_FLOOD") != nullptr;
  if (interrupted()) return -1;
  if (floods) {
    const ssize_t there = real(socket, data, size, flags | MSG_PEEK);
    if (there < 0) return there;  // the kernel tells an error once
    if (is_flood(data, there)) {
      auto* const bytes = static_cast<char*>(data);
      for (auto i = static_cast<size_t>(there); i < size; ++i) bytes[i] = bytes[i - 1];
      return static_cast<ssize_t>(size);
    }
  }
  return real(socket, data, shortened(size), flags);
}

// NOLINTNEXTLINE(readability-identifier-naming): what glibc calls where it checks sizes
ssize_t __recv_chk(int socket, void* data, size_t size, size_t, int flags) {
  return recv(socket, data, size, flags);
}

ssize_t send(int socket, const void* data, size_t size, int flags) {
  static auto* const real = next(&::send, "send");
  if (is_flood(data, static_cast<ssize_t>(size))) return static_cast<ssize_t>(size);
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

int epoll_pwait2(int epoll, epoll_event* events, int most, const timespec* timeout,
                 const sigset_t* signals) {
  static auto* const real = next(&::epoll_pwait2, "epoll_pwait2");
  throw_if_wanted();
  return interrupted() ? -1 : real(epoll, events, most, timeout, signals);
}

int epoll_ctl(int epoll, int operation, int descriptor, epoll_event* event) {
  static auto* const real = next(&::epoll_ctl, "epoll_ctl");
  static const bool shortens = setting("FAULTY_SHORT") != 0;
  constexpr auto kOfWorker = EPOLLRDHUP | EPOLLET;  // not of Asio's reactor
  if (!shortens || event == nullptr || (event->events & kOfWorker) != kOfWorker) {
    return real(epoll, operation, descriptor, event);
  }
  epoll_event level = *event;
  level.events &= ~EPOLLET;
  return real(epoll, operation, descriptor, &level);
}

int accept4(int socket, sockaddr* peer, socklen_t* size, int flags) {
  static auto* const real = next(&::accept4, "accept4");
  static const int error = static_cast<int>(setting("FAULTY_ACCEPT"));
  static Every every(std::max(1L, setting("FAULTY_ACCEPT_EVERY")));
  throw_if_wanted();
  if (interrupted()) return -1;
  if (error == 0 || !switched_on() || !every.due()) return real(socket, peer, size, flags);
  errno = error;
  return -1;
}

int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** result) {
  static auto* const real = next(&::getaddrinfo, "getaddrinfo");
  static const char* const file = std::getenv("FAULTY_RESOLVE");
  if (file == nullptr) return real(host, service, hints, result);
  const std::string unfinished = std::string(file) + ".new";
  std::ofstream(unfinished) << ::getpid();
  std::rename(unfinished.c_str(), file);
  for (;;) ::pause();
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                           const timespec* until) {
  static auto* const real = next(&::pthread_cond_clockwait, "pthread_cond_clockwait");
  throw_if_wanted();
  if (!may_throw()) return real(condition, mutex, clock, until);
  // Woken for nothing again and again, so that it is soon here when the fault is switched on.
  timespec soon{};
  ::clock_gettime(clock, &soon);
  soon.tv_nsec += 10'000'000;
  if (soon.tv_nsec >= 1'000'000'000) soon = {soon.tv_sec + 1, soon.tv_nsec - 1'000'000'000};
  const bool sooner = soon.tv_sec < until->tv_sec ||
                      (soon.tv_sec == until->tv_sec && soon.tv_nsec < until->tv_nsec);
  const int result = real(condition, mutex, clock, sooner ? &soon : until);
  return sooner ? 0 : result;
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
