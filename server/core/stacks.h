#pragma once

#include <cstddef>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace echo {

// Stacks for many threads, carved from a few large mappings: thirty thousand separate ones would
// meet the kernel's limit of 65,530 maps (vm.max_map_count). Below each lies a page that nobody may
// touch, so that an overflow ends the process with SIGSEGV before it reaches another stack.
// Thread rule: any thread; outlives the threads that stand on its stacks.
class Stacks {
 public:
  // How the page below a stack is closed.
  enum class Guard {
    light,  // MADV_GUARD_INSTALL, from Linux 6.13 on: costs no map
    page,   // mprotect(2): two maps a stack
  };

  // One stack until it is destroyed, which gives its memory back to the system.
  class Stack {
   public:
    Stack() = default;
    Stack(Stack&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), memory_(other.memory_) {}
    Stack& operator=(Stack&& other) noexcept {
      std::swap(owner_, other.owner_);
      std::swap(memory_, other.memory_);
      return *this;
    }
    ~Stack() {
      if (owner_ != nullptr) owner_->give_back(memory_);
    }
    std::span<std::byte> memory() const { return memory_; }

   private:
    friend class Stacks;
    Stack(Stacks& owner, std::span<std::byte> memory) : owner_(&owner), memory_(memory) {}

    Stacks* owner_ = nullptr;
    std::span<std::byte> memory_;
  };

  // Bytes of each stack, rounded up to whole pages. A kernel that has no light guard gets pages.
  explicit Stacks(std::size_t size, Guard guard = Guard::light);
  Stacks(const Stacks&) = delete;
  Stacks& operator=(const Stacks&) = delete;
  ~Stacks();

  // Throws std::system_error when there is no memory or no map left.
  Stack take();

 private:
  void add_chunk();
  void close(std::byte* page);
  void give_back(std::span<std::byte> memory) noexcept;

  const std::size_t page_size_;
  const std::size_t size_;
  std::mutex mutex_;  // guards all below
  Guard guard_;
  std::vector<std::byte*> chunks_;
  std::vector<std::byte*>
      free_;  // the lowest bytes of stacks; the last one is the next to be taken
};

}  // namespace echo
