// Preloaded into echoc (ld.so(8), LD_PRELOAD) to hold it up where no signal can be aimed at: it is
// as if it had lost its core just before or behind a call.
//   LATE_CALL="send 3 1500"   before the third call of send, for that many milliseconds
//   LATE_CALL="ppoll 0 300", LATE_CALL="epoll_pwait2 0 300"   behind each call of it
//   LATE_CALL="connect 1 300", LATE_CALL="shutdown 1 300"   before that call
#include <dlfcn.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#include <atomic>
#include <cstdlib>
#include <sstream>
#include <string>

namespace {

// Of the calls with that name.
class Lateness {
 public:
  explicit Lateness(const std::string& name) {
    const char* text = std::getenv("LATE_CALL");
    std::istringstream words(text == nullptr ? "" : text);
    std::string wanted;
    words >> wanted >> number_ >> milliseconds_;
    if (wanted != name) milliseconds_ = 0;
  }

  void pass() {
    const int call = ++calls_;
    if (milliseconds_ == 0 || (number_ != 0 && call != number_)) return;
    const timespec time{milliseconds_ / 1000, milliseconds_ % 1000 * 1'000'000};
    ::nanosleep(&time, nullptr);
  }

 private:
  int number_ = 0;
  int milliseconds_ = 0;
  std::atomic<int> calls_{0};
};

template <typename Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" ssize_t send(int socket, const void* bytes, size_t count, int flags) {
  static Lateness lateness("send");
  static auto* const call = real<ssize_t(int, const void*, size_t, int)>("send");
  lateness.pass();
  return call(socket, bytes, count, flags);
}

extern "C" int connect(int socket, const sockaddr* address, socklen_t size) {
  static Lateness lateness("connect");
  static auto* const call = real<int(int, const sockaddr*, socklen_t)>("connect");
  lateness.pass();
  return call(socket, address, size);
}

extern "C" int shutdown(int socket, int how) noexcept {
  static Lateness lateness("shutdown");
  static auto* const call = real<int(int, int)>("shutdown");
  lateness.pass();
  return call(socket, how);
}

extern "C" int ppoll(pollfd* entries, nfds_t count, const timespec* timeout,
                     const sigset_t* signals) {
  static Lateness lateness("ppoll");
  static auto* const call = real<int(pollfd*, nfds_t, const timespec*, const sigset_t*)>("ppoll");
  const int ready = call(entries, count, timeout, signals);
  lateness.pass();
  return ready;
}

extern "C" int epoll_pwait2(int epoll, epoll_event* events, int most, const timespec* timeout,
                            const sigset_t* signals) {
  static Lateness lateness("epoll_pwait2");
  static auto* const call =
      real<int(int, epoll_event*, int, const timespec*, const sigset_t*)>("epoll_pwait2");
  const int ready = call(epoll, events, most, timeout, signals);
  lateness.pass();
  return ready;
}
