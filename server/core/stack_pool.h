#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "common/mutex.h"

namespace echo {

// StackPool for many threads, carved from a few large mappings: thirty thousand separate ones would
// meet the kernel's limit of 65,530 maps (vm.max_map_count). Below each lies a page that nobody may
// touch, so that an overflow ends the process with SIGSEGV before it reaches another stack.
// Thread rule: any thread; outlives the threads that stand on its stacks.
class StackPool {
 public:
  // How the page below a stack is closed.
  enum class Guard {
    madvise,   // MADV_GUARD_INSTALL, from Linux 6.13 on: costs no map
    mprotect,  // mprotect(2): two maps a stack
  };

  // One stack until it is destroyed, which gives its memory back to the system.
  class Stack {
   public:
    Stack() = default;
    Stack(Stack&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), memory_(other.memory_) {}
    Stack& operator=(Stack&& other) noexcept {
      if (this == &other) return *this;
      release();
      owner_ = std::exchange(other.owner_, nullptr);
      memory_ = other.memory_;
      return *this;
    }
    ~Stack() { release(); }
    std::span<std::byte> memory() const { return memory_; }

   private:
    friend class StackPool;
    Stack(StackPool& owner, std::span<std::byte> memory) : owner_(&owner), memory_(memory) {}
    void release() {
      if (auto* owner = std::exchange(owner_, nullptr)) owner->give_back(memory_);
    }

    StackPool* owner_ = nullptr;
    std::span<std::byte> memory_;
  };

  // Bytes of each stack, rounded up to whole pages. A kernel that has no light guard gets pages.
  explicit StackPool(std::size_t size, Guard guard = Guard::madvise);
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;
  ~StackPool();

  // Throws std::system_error when there is no memory or no map left.
  Stack take();

 private:
  void add_chunk() REQUIRES(mutex_);
  void protect_guard_page(std::byte* page) REQUIRES(mutex_);
  void give_back(std::span<std::byte> memory) noexcept;

  const std::size_t page_size_;
  const std::size_t size_;
  Mutex mutex_;
  Guard guard_ GUARDED_BY(mutex_);
  std::vector<std::byte*> chunks_ GUARDED_BY(mutex_);
  // The lowest bytes of stacks; the last one is the next to be taken.
  std::vector<std::byte*> free_ GUARDED_BY(mutex_);
};

}  // namespace echo
