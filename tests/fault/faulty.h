#pragma once

#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>

// What the files of the preloaded library share.

template <typename Function>
Function* next(Function*, const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

inline long setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? 0 : std::atol(value);
}

inline bool switched_on() {
  static const char* const file = std::getenv("FAULTY_WHILE");
  return file == nullptr || ::access(file, F_OK) == 0;
}

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

inline std::array<char, 16> thread_name() {
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name;
}
