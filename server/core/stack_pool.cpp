#include "server/core/stack_pool.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace echo {
namespace {

constexpr std::size_t kStacksInChunk = 64;

#ifdef __SANITIZE_THREAD__
// ThreadSanitizer has 900 KiB of its own on every stack.
constexpr std::size_t kTaken = std::size_t{1} << 20;
#else
constexpr std::size_t kTaken = 0;
#endif

// <linux/mman.h> of Linux 6.13, which Debian 12 does not have.
constexpr int kGuardInstall = 102;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

StackPool::StackPool(std::size_t size, Guard guard)
    : page_size_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))),
      size_((size + kTaken + page_size_ - 1) / page_size_ * page_size_),
      guard_(guard) {}

StackPool::~StackPool() {
  for (std::byte* chunk : chunks_) ::munmap(chunk, kStacksInChunk * (page_size_ + size_));
}

StackPool::Stack StackPool::take() {
  const MutexLock lock(mutex_);
  if (free_.empty()) add_chunk();
  std::byte* memory = free_.back();
  free_.pop_back();
  return {*this, {memory, size_}};
}

void StackPool::add_chunk() {
  const std::size_t stride = page_size_ + size_;
  chunks_.reserve(chunks_.size() + 1);
  // So that give_back needs no memory.
  free_.reserve((chunks_.size() + 1) * kStacksInChunk);
  void* mapped = ::mmap(nullptr, kStacksInChunk * stride, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (mapped == MAP_FAILED) fail("no memory for stacks");
  auto* chunk = static_cast<std::byte*>(mapped);
  // A huge page would keep all of thirty stacks in memory for the two pages that each one needs.
  ::madvise(chunk, kStacksInChunk * stride, MADV_NOHUGEPAGE);
  try {
    for (std::size_t i = 0; i < kStacksInChunk; ++i) protect_guard_page(chunk + i * stride);
  } catch (...) {
    ::munmap(chunk, kStacksInChunk * stride);
    throw;
  }
  chunks_.push_back(chunk);
  for (std::size_t i = kStacksInChunk; i-- > 0;) free_.push_back(chunk + i * stride + page_size_);
}

void StackPool::protect_guard_page(std::byte* page) {
  if (guard_ == Guard::madvise && ::madvise(page, page_size_, kGuardInstall) != 0)
    guard_ = Guard::mprotect;
  if (guard_ == Guard::mprotect && ::mprotect(page, page_size_, PROT_NONE) != 0) {
    fail("no map for the guard of a stack");
  }
}

void StackPool::give_back(std::span<std::byte> memory) noexcept {
  ::madvise(memory.data(), memory.size(), MADV_DONTNEED);
  const MutexLock lock(mutex_);
  free_.push_back(memory.data());
}

}  // namespace echo
