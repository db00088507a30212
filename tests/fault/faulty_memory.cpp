// Part of the preloaded library: memory that runs out. Environment:
//   FAULTY_NEW=N          one in N of operator new in workers' threads throws std::bad_alloc,
//                         and each that a memory resource makes there; only while the file
//                         FAULTY_WHILE exists
//   FAULTY_NTH=FILE       once this file has "N THREAD", the Nth operator new or aligned_alloc
//                         in that thread fails and the file is removed; N of 0 is every one, and
//                         the file stays
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "tests/fault/faulty.h"

namespace {

bool is_worker() {
  return std::strncmp(thread_name().data(), "worker-", 7) == 0;
}

// Whether this is the allocation that is to fail.
bool is_nth_allocation() {
  static const char* const path = std::getenv("FAULTY_NTH");
  static std::atomic<int> count{0};
  if (path == nullptr) return false;
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  std::array<char, 64> text{};
  [[maybe_unused]] const ssize_t got = ::read(file, text.data(), text.size() - 1);
  ::close(file);
  int wanted = 0;
  std::array<char, 16> thread{};
  if (std::sscanf(text.data(), "%d %15s", &wanted, thread.data()) != 2) return false;
  if (thread != thread_name()) return false;
  if (wanted > 0 && ++count < wanted) return false;
  count = 0;
  if (wanted > 0) ::unlink(path);
  return true;
}

bool fails_in_this_thread() {
  static const bool wanted = setting("FAULTY_NEW") > 0;
  return wanted && is_worker() && switched_on();
}

void* unless_null(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

extern "C" {

// Asio's handlers are in this memory unless they have their own.
void* aligned_alloc(size_t alignment, size_t size) noexcept {
  static auto* const real = next(&::aligned_alloc, "aligned_alloc");
  return is_nth_allocation() ? nullptr : real(alignment, size);
}

}  // extern "C"

void* operator new(size_t size) {
  static OneIn one(setting("FAULTY_NEW"));
  if ((fails_in_this_thread() && one.due()) || is_nth_allocation()) throw std::bad_alloc();
  return unless_null(std::malloc(std::max<size_t>(size, 1)));
}

// The one that the standard library's memory resources use, too rarely for one in N to be met.
void* operator new(size_t size, std::align_val_t alignment) {
  if (fails_in_this_thread() || is_nth_allocation()) throw std::bad_alloc();
  const auto unit = static_cast<size_t>(alignment);
  return unless_null(std::aligned_alloc(unit, (size + unit - 1) / unit * unit));
}
